import { once } from 'node:events';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Connection } from './connection.ts';
import type { Facts, Listener, Peer } from './context.ts';
import { Fault } from './errors.ts';
import type { House } from './house.ts';
import { presentable, type TlsSettings } from './transport.ts';
import { replies } from './replies.ts';
import type { Reply } from './wire/reply.ts';

/** Where a server listens: a TCP port (0: any free one) or a Unix socket's path. */
export interface ListenOptions {
  readonly port?: number;
  /** The address to bind; without it, all. */
  readonly host?: string;
  /** A Unix socket, instead of a port. */
  readonly path?: string;
  /** TLS from the first octet (RFC 8314). */
  readonly tls?: TlsSettings;
  /** What plugins and logs know the listener by; default: where it listens. */
  readonly name?: string;
}

/** The coarse timer's interval: a fraction of the shortest deadline, within these bounds (milliseconds). */
const tickBounds = { least: 5, most: 500 };

/** Where a client without an address is: on a Unix socket, or attached. */
export const nowhere: Peer = { address: '', port: 0 };

const nothing = (): void => {};

/** The sockets a server listens on, and the clients that came in. */
export class Listeners {
  readonly #house: House;
  readonly #servers: NetServer[] = [];
  readonly #connections = new Map<Connection, () => void>();
  #emptied: () => void = nothing;
  #closed: Promise<void> | undefined = undefined;
  readonly #done = new AbortController();
  readonly #perAddress = new Map<string, number>();
  /** Those on their way out: who reads its 421 slowly must not keep the next from being served. */
  readonly #turnedAway = new Set<Connection>();
  #ticker: Disposable | undefined = undefined;

  constructor(house: House) {
    this.#house = house;
  }

  /** Listens; gives the address that was bound. Rejects as Node does (in use, forbidden …), and when closed meanwhile. */
  async listen(where: ListenOptions): Promise<Peer> {
    const { port = 0, host, path, tls, name } = where;
    const label = name ?? path ?? `${host ?? '*'}:${port}`;
    const listener: Listener = { name: label, tls: tls ? 'implicit' : 'none' };
    // What should be there and is undefined must not make a listener a plain one.
    if ('tls' in where) presentable(tls ?? {}, label);
    // Half-open: a client that sends QUIT and shuts its side down still waits for its replies.
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      // Reset before it was accepted: what it sent can still be read, but not who it was, and trust hangs on that.
      if (path === undefined && socket.remoteAddress === undefined) socket.destroy();
      else this.serve(socket, ends(socket), listener, tls);
    });
    server.listen(path === undefined ? { port, host } : { path });
    await once(server, 'listening');
    if (this.#closed) {
      await server[Symbol.asyncDispose]();
      throw new Fault('SERVER_CLOSED', ['listen']);
    }
    server.on('error', (err) => this.#house.log.error({ listener: label, err }, `${label} could not accept`));
    this.#servers.push(server);
    const bound = server.address();
    return typeof bound === 'object' && bound ? { address: bound.address, port: bound.port } : nowhere;
  }

  /** Serves one client on a stream; `left` is told when it's gone. */
  serve(stream: Duplex, facts: Facts, listener: Listener, tls?: TlsSettings, left: () => void = nothing): void {
    const connection = new Connection(stream, facts, listener, this.#house);
    this.#connections.set(connection, left);
    this.#ticker ??= this.#tick();
    connection.serve(tls, this);
  }

  /** A reply turns the client away, once it's known who it is. */
  admit(connection: Connection, address: string): Reply | undefined {
    const { limits, catalogue } = this.#house;
    const served = this.#connections.size - this.#turnedAway.size;
    const here = (this.#perAddress.get(address) ?? 0) + 1;
    if (served > limits.connections || (address !== '' && here > limits.connectionsPerAddress)) {
      this.#turnedAway.add(connection);
      return replies.closing(catalogue.tooManyConnections(connection.introduce()));
    }
    connection.counted = address;
    this.#perAddress.set(address, here);
    return undefined;
  }

  left(connection: Connection): void {
    const tell = this.#connections.get(connection);
    this.#connections.delete(connection);
    this.#turnedAway.delete(connection);
    if (connection.counted !== undefined) this.#discount(connection.counted);
    tell?.();
    if (this.#connections.size === 0) this.#emptied();
  }

  #discount(address: string): void {
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
  }

  /** No new clients; those here finish their transaction, until `deadline` milliseconds are over; the soonest counts. */
  close(deadline: number): Promise<void> {
    this.#house.clock.sleep(deadline, this.#done.signal).then(
      () => this.#connections.forEach((_, connection) => connection.lose(new Error('the server closed'))),
      () => {},
    );
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    const closed = this.#servers.map((server) => server[Symbol.asyncDispose]());
    for (const connection of this.#connections.keys()) connection.shutdown();
    if (this.#connections.size > 0) await new Promise<void>((resolve) => (this.#emptied = resolve));
    this.#done.abort();
    await Promise.all(closed);
    this.#ticker?.[Symbol.dispose]();
  }

  /** One timer for all: a timer per connection would be most of what an idle one costs. */
  #tick(): Disposable {
    const { clock, deadlines } = this.#house;
    const { stages, dataRate: _rate, ...single } = deadlines;
    const shortest = Math.min(...Object.values(single), ...Object.values(stages));
    const every = Math.min(tickBounds.most, Math.max(tickBounds.least, shortest / 4));
    return clock.every(every, () => {
      const now = clock.elapsed();
      for (const connection of this.#connections.keys()) connection.tick(now);
    });
  }
}

function ends(socket: Socket): Facts {
  return {
    remote: { address: unmapped(socket.remoteAddress), port: socket.remotePort ?? 0 },
    local: { address: unmapped(socket.localAddress), port: socket.localPort ?? 0 },
  };
}

/** A socket bound to all addresses shows an IPv4 client as `::ffff:192.0.2.1`: in lists of networks it is IPv4. */
const unmapped = (address = ''): string => address.replace(/^::ffff:(?=\d+\.)/i, '');
