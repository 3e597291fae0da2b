import type { Buffer } from 'node:buffer';
import { buffer } from 'node:stream/consumers';
import { ArcResult, Dns, type Arc } from '@maitred/authentication-results';
import { createServer, type AnyPlugin, type Message, type Server } from '@maitred/core';
import { fakeDns, type FakeDns, type Zone } from '@maitred/testing';
import { arc, type ArcOptions } from '../src/index.ts';

/** A message that was kept: what was found of it, and what it is now. */
export interface Kept {
  readonly arc: Arc | undefined;
  readonly content: Buffer;
}

/** A server that validates chains and remembers what came of each message. */
export interface Receiver {
  readonly server: Server;
  readonly dns: FakeDns;
  readonly kept: Kept[];
}

/** What it's made of; `plugins` come after ARC, `whenKept` runs when the message is. */
export interface ReceiverOptions extends ArcOptions {
  readonly zone?: Zone;
  /** Instead of a DNS that knows `zone`. */
  readonly dns?: AnyPlugin;
  readonly plugins?: readonly AnyPlugin[];
  readonly whenKept?: (message: Message) => Promise<void>;
}

/** Makes one. */
export function receiver({ zone = {}, dns: own, plugins = [], whenKept, ...options }: ReceiverOptions = {}): Receiver {
  const dns = fakeDns(zone);
  const kept: Kept[] = [];
  const server = createServer({ hostname: 'mx.example', limits: { messages: 10_000, connectionsPerAddress: 1000 } })
    .use(own ?? [], arc(options), ...plugins)
    .accept(() => true)
    .deliver(async (message) => {
      kept.push({ arc: message.get(ArcResult), content: await buffer(message.content.stream()) });
      await whenKept?.(message);
    });
  if (!own) server.override(Dns, dns);
  return { server, dns, kept };
}

/** A zone of TXT records. */
export const texts = (records: Readonly<Record<string, string>>): Zone =>
  Object.fromEntries(Object.entries(records).map(([name, text]) => [name, { TXT: [text] }]));
