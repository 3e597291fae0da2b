import { basics, Clock, createServer, Log, replies, without } from '@maitred/core';
import type { Plugin, Server, ServerOptions, Usable } from '@maitred/core';
import { fakeClock, memoryLog, type FakeClock, type MemoryLog } from '@maitred/testing';

/** Takes every recipient. */
export const everybody: Plugin = { name: 'everybody', accepts: { who: 'everybody', claim: async () => replies.ok } };

/** A message as it was kept. */
export interface Kept {
  readonly content: string;
  readonly to: readonly string[];
}

/** A server under test, its time, and what it wrote down. */
export interface Receiver extends AsyncDisposable {
  readonly server: Server;
  readonly clock: FakeClock;
  readonly log: MemoryLog;
  /** What `keeper` kept, in order. */
  readonly kept: Kept[];
}

/** A server of `plugins`, on a clock that stands still. It adds nothing to what it receives, so that octets compare. */
export function receiver(plugins: Usable, options: Partial<ServerOptions> = {}): Receiver {
  const [clock, log] = [fakeClock(), memoryLog()];
  const server = createServer({ hostname: 'mx.example', base: without(basics(), 'received'), ...options })
    .override(Clock, clock)
    .override(Log, log)
    .use(plugins);
  const kept: Kept[] = [];
  return {
    server,
    clock,
    log,
    kept,
    [Symbol.asyncDispose]: () => closed(server, clock),
  };
}

/** The same, and it takes and keeps every message. */
export function inbox(plugins: Usable, options?: Partial<ServerOptions>): Receiver {
  const receives = receiver(plugins, options);
  receives.server
    .accept(() => true)
    .deliver(async ({ content, recipients }) => {
      const octets = await content.bytes(1_000_000);
      receives.kept.push({ content: octets.toString('latin1'), to: recipients.map(({ path }) => path.mailbox) });
    });
  return receives;
}

/** Closes a server whose plugins may hang: their deadlines have to pass first. Rejects if not even those end it. */
async function closed(server: Server, clock: FakeClock): Promise<void> {
  const closing = server.close({ deadline: 0 });
  const patience = clock.advance(600_000).then(() => Promise.reject(new Error('something is awaited for ever')));
  await Promise.race([closing, patience]);
}
