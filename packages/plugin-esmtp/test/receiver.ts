import { createServer } from '@maitred/core';
import type { Server, ServerOptions, Usable } from '@maitred/core';

/** A server that takes mail for anybody, with those plugins; `kept` grows with the content of every message. */
export interface Receiver extends AsyncDisposable {
  readonly server: Server;
  readonly kept: readonly string[];
}

export function receiver(plugins: Usable, options: Partial<ServerOptions> = {}): Receiver {
  const kept: string[] = [];
  const server = createServer({ hostname: 'mx.example', ...options })
    .use(plugins)
    .accept(() => true)
    .deliver(async (message) => {
      kept.push((await message.content.bytes(100_000)).toString());
    });
  return { server, kept, [Symbol.asyncDispose]: () => server.close({ deadline: 0 }) };
}

/** Content of exactly that many octets, the last two a CRLF. */
export const octets = (count: number): string => `${'x'.repeat(count - 2)}\r\n`;
