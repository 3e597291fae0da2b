import { Clock, createServer, Log, type Message, type Peer, type Server, type ServerOptions } from '@maitred/core';
import { fakeClock, memoryLog, type FakeClock, type MemoryLog } from '@maitred/testing';
import { Proxied } from '../src/keys.ts';
import { proxy, type ProxyOptions } from '../src/proxy.ts';
import type { ProxyHeader } from '../src/header.ts';

/** What the application saw of a message. */
export interface Kept {
  readonly remote: Peer;
  readonly local: Peer;
  readonly socket: Peer;
  readonly header: ProxyHeader | undefined;
  readonly secured: boolean;
  readonly content: string;
}

/** A server behind a proxy that keeps what it is sent, in memory, under a log of the test's. */
export interface Receiver extends AsyncDisposable {
  readonly server: Server;
  readonly kept: Kept[];
  /** Addresses of those that were greeted. */
  readonly greeted: string[];
  readonly log: MemoryLog;
}

/** Makes one whose clock is real, for programs that have no other. */
export function receiver(options: ProxyOptions, more: Partial<ServerOptions> = {}): Receiver {
  const kept: Kept[] = [];
  const greeted: string[] = [];
  const log = memoryLog();
  const keep = async (message: Message): Promise<void> => {
    const { remote, local, socket, tls, content } = message;
    const text = (await content.bytes(1e6)).toString();
    kept.push({ remote, local, socket, header: message.get(Proxied), secured: tls !== undefined, content: text });
  };
  const server = createServer({ hostname: 'mx.example.org', ...more })
    .override(Log, log)
    .use(proxy(options))
    .on('connect', (ctx, next) => {
      greeted.push(ctx.remote.address);
      return next();
    })
    .accept(() => true)
    .deliver(keep);
  return { server, kept, greeted, log, [Symbol.asyncDispose]: () => server.close({ deadline: 0 }) };
}

/** Makes one whose clock stands still until told. */
export function stillReceiver(
  options: ProxyOptions,
  more: Partial<ServerOptions> = {},
): Receiver & { readonly clock: FakeClock } {
  const clock = fakeClock();
  const made = receiver(options, more);
  made.server.override(Clock, clock);
  return { ...made, clock };
}
