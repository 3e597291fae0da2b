import { createServer, Log, type Server } from '@maitred/core';
import { memoryLog, selfSigned, type Certificate, type MemoryLog } from '@maitred/testing';
import { requiretls, TlsRequired, type RequiretlsOptions } from '../src/index.ts';

/** A server with REQUIRETLS that takes mail for anybody but `nobody`. */
export interface Receiver extends AsyncDisposable {
  readonly server: Server;
  readonly log: MemoryLog;
  /** What each message that was kept wants of TLS, in order. */
  readonly kept: (boolean | undefined)[];
}

/** The server's own certificate. */
export const tls: Certificate = selfSigned('mx.example');

export function receiver({ honours = () => true }: Partial<RequiretlsOptions> = {}): Receiver {
  const kept: (boolean | undefined)[] = [];
  const log = memoryLog();
  const server = createServer({ hostname: 'mx.example' })
    .override(Log, log)
    .use(requiretls({ honours }))
    .accept(({ recipient }) => recipient.path.local !== 'nobody')
    .deliver((message) => void kept.push(message.get(TlsRequired)));
  return { server, log, kept, [Symbol.asyncDispose]: () => server.close({ deadline: 0 }) };
}
