import { channel, tracingChannel, type Channel, type TracingChannel } from 'node:diagnostics_channel';
import type { Awaitable } from './awaitable.ts';

/**
 * What core tells `diagnostics_channel`; costs nothing without subscribers. Messages hold ids, verbs and codes, never the
 * arguments of `secret` verbs nor content.
 *
 * - `maitred:connection` (tracing): `{ id, remote, listener }`
 * - `maitred:command` (tracing): `{ id, verb, args, reply }`
 * - `maitred:stage` (tracing): `{ id, stage, reply }`
 * - `maitred:message` (tracing): `{ id, size, reply }`, from the last octet to the reply
 * - `maitred:reply`: `{ id, at, reply }`, each reply as it's written: greetings, 3xx and a timer's 421 too
 */
export const channels: {
  readonly connection: TracingChannel<object>;
  readonly command: TracingChannel<object>;
  readonly stage: TracingChannel<object>;
  readonly message: TracingChannel<object>;
  readonly reply: Channel;
} = {
  connection: tracingChannel('maitred:connection'),
  command: tracingChannel('maitred:command'),
  stage: tracingChannel('maitred:stage'),
  message: tracingChannel('maitred:message'),
  reply: channel('maitred:reply'),
};

/** Traces a promise of a reply, where anybody listens; the reply is on the record when it ended. */
export function traced<T>(to: TracingChannel<object>, about: object, run: () => Awaitable<T>): Promise<T> {
  const record: { reply?: T } = about;
  return to.tracePromise(async () => (record.reply = await run()), record);
}
