import { createServer, type AnyPlugin, type Message, type Server } from '@maitred/core';
import { DkimResults, Dns, type Dkim } from '@maitred/authentication-results';
import { fakeDns, type FakeDns, type Way, type Zone } from '@maitred/testing';
import { dkim, type DkimOptions } from '../src/index.ts';

/** A server that verifies signatures and remembers what came of each message. */
export interface Receiver extends AsyncDisposable {
  readonly server: Server;
  readonly dns: FakeDns;
  /** Of each message that was kept, what was found; undefined where nobody looked. */
  readonly found: (readonly Dkim[] | undefined)[];
}

/** What it is made of; `plugins` come before DKIM. */
export interface ReceiverOptions extends DkimOptions {
  readonly zone?: Zone;
  readonly plugins?: readonly AnyPlugin[];
  readonly then?: (message: Message) => Promise<void>;
  readonly bareLineEndings?: 'refuse' | 'convert';
}

/** Makes one. */
export function receiver(given: ReceiverOptions = {}): Receiver {
  const { zone = {}, plugins = [], then, bareLineEndings = 'refuse', ...options } = given;
  const dns = fakeDns(zone);
  const found: (readonly Dkim[] | undefined)[] = [];
  const server = createServer({
    hostname: 'mx.example',
    bareLineEndings,
    limits: { messages: 10_000, idleCommands: 10_000 },
  })
    .override(Dns, dns)
    .use(...plugins, dkim(options))
    .accept(() => true)
    .deliver(async (message) => {
      found.push(message.get(DkimResults));
      await then?.(message);
    });
  return { server, dns, found, [Symbol.asyncDispose]: () => server.close() };
}

/** Where the key of selector `s` is. */
export const keyName = 's._domainkey.example.org';

/** One that finds this key there. */
export const knowing = (record: string, options: ReceiverOptions = {}): Receiver =>
  receiver({ zone: { [keyName]: { TXT: [record] } }, ...options });

/** Has a client send it a message; gives the last reply's code. */
export async function take(open: Way['open'], { server }: Receiver, content: string): Promise<number> {
  const client = await open(server);
  await client.hello();
  return (await client.mail({ content })).code;
}
