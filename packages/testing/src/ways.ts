import type { Peer, Server, TlsSettings } from '@maitred/core';
import type { ConnectionOptions } from 'node:tls';
import { clientOn } from './client.ts';
import type { Client, ClientOptions } from './client.ts';
import { memoryPair } from './memory.ts';
import { connectTo, loopback } from './tcp.ts';

/** How a client reaches a server. */
export interface OpenOptions extends ClientOptions {
  /** TLS from the first octet (RFC 8314): the server's side. `open` waits for the handshake. */
  readonly tls?: TlsSettings;
  /** The client's side of it; false leaves the handshake to the caller, who has a PROXY header to send first. */
  readonly secure?: ConnectionOptions | false;
  /** Where the server sees the client; default: 127.0.0.1. */
  readonly remote?: Peer;
  /** Where the server sees itself; default: 127.0.0.1. */
  readonly local?: Peer;
}

/** A way to reach a server. */
export interface Way {
  readonly name: string;
  /** Starts the server if need be and connects a client. Rejects as the server's start does. */
  readonly open: (server: Server, options?: OpenOptions) => Promise<Client>;
}

/** No network: nothing to bind, nothing to wait for. */
export const inMemory: Way = throughMemory('in memory');

/** No network, and every octet comes by itself, both ways: whatever can be cut is cut. */
export const octetByOctet: Way = throughMemory('octet by octet', 1);

/** A real socket on the loopback interface. The server listens once, on a free port, however many clients come. */
export const overTcp: Way = {
  name: 'over TCP',
  async open(server, options = {}) {
    const { remote, local, tls } = options;
    if (!remote && !local) return opened(clientOn(await connectTo(await bound(server, tls)), options), options);
    // A socket's addresses are what they are: to show others, the server is handed the socket.
    await server.start();
    const [ours, theirs] = await loopback();
    attach(server, theirs, options);
    return opened(clientOn(ours, options), options);
  },
};

/** All three, for `describe.each(ways)('$name', ({ open }) => …)`. */
export const ways: readonly Way[] = [inMemory, overTcp, octetByOctet];

function throughMemory(name: string, chunk?: number): Way {
  return {
    name,
    async open(server, options = {}) {
      await server.start();
      const [ours, theirs] = memoryPair(chunk === undefined ? {} : { chunk });
      const client = clientOn(ours, options);
      attach(server, theirs, options);
      return opened(client, options);
    },
  };
}

function attach(server: Server, stream: Parameters<Server['attach']>[0], { remote, local, tls }: OpenOptions): void {
  const facts = {
    remote: remote ?? { address: '127.0.0.1', port: 40_000 },
    local: local ?? { address: '127.0.0.1', port: 25 },
  };
  server.attach(stream, { ...facts, ...(tls ? { tls } : {}) }).catch((error: Error) => stream.destroy(error));
}

async function opened(client: Client, { tls, secure }: OpenOptions): Promise<Client> {
  if (tls && secure !== false) await client.secure(secure);
  return client;
}

const listening = new WeakMap<Server, Map<TlsSettings | undefined, Promise<Peer | undefined>>>();

async function bound(server: Server, tls: TlsSettings | undefined): Promise<Peer> {
  const at = listening.get(server) ?? new Map<TlsSettings | undefined, Promise<Peer | undefined>>();
  listening.set(server, at);
  const listen = async (): Promise<Peer | undefined> =>
    (await server.listen({ host: '127.0.0.1', port: 0, ...(tls ? { tls } : {}) }))[0];
  const peer = at.get(tls) ?? listen();
  at.set(tls, peer);
  return (await peer) ?? { address: '127.0.0.1', port: 0 };
}
