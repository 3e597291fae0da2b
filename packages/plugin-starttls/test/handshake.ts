import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { createServer, type TlsSettings } from '@maitred/core';

/** What a client sees of a handshake. */
export interface Seen {
  /** The subject of the server's certificate. */
  readonly subject: string;
  readonly protocol: string | null;
  readonly alpn: string | false | null;
  readonly reused: boolean;
  /** Tickets and sessions that the server gave, to come back with. */
  readonly sessions: readonly Buffer[];
}

/** A server with implicit TLS on the loopback interface, and a client that shakes its hand as often as asked. */
export interface Door extends AsyncDisposable {
  /** Resolves after the greeting, with the client gone; rejects when the handshake fails. */
  shake(options?: ConnectionOptions): Promise<Seen>;
  /** The same with the client still there. */
  enter(options?: ConnectionOptions): Promise<TLSSocket>;
}

export async function door(tls: TlsSettings): Promise<Door> {
  const server = createServer({ hostname: 'mx.example.org' });
  const [at] = await server.listen({ host: '127.0.0.1', tls });
  const port = at?.port ?? 0;
  const call = (options: ConnectionOptions = {}): TLSSocket =>
    connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  return {
    async enter(options) {
      const socket = call(options);
      await once(socket, 'secureConnect');
      return socket;
    },
    async shake(options) {
      const sessions: Buffer[] = [];
      const socket = call(options).on('session', (session: Buffer) => sessions.push(session));
      // In TLS 1.3 a client is through before the server has seen its certificate.
      await Promise.race([
        once(socket, 'data'),
        once(socket, 'close').then(() => Promise.reject(new Error('turned away'))),
      ]);
      const seen = {
        subject: new X509Certificate(socket.getPeerCertificate().raw).subject,
        protocol: socket.getProtocol(),
        alpn: socket.alpnProtocol,
        reused: socket.isSessionReused(),
        sessions,
      };
      socket.end('QUIT\r\n');
      socket.resume();
      await once(socket, 'close');
      return seen;
    },
    [Symbol.asyncDispose]: () => server.close({ deadline: 0 }),
  };
}
