import type { BlockList } from 'node:net';
import {
  definePlugin,
  listedIn,
  Log,
  type Facts,
  type Listener,
  type Peer,
  type Plugin,
  type Wire,
} from '@maitred/core';
import type { Endpoint } from './addresses.ts';
import { awaitHeader, describeMissing } from './arrival.ts';
import { largestMaximum, smallestMaximum, type ProxyHeader } from './header.ts';
import { Proxied } from './keys.ts';

/**
 * Whether a listener's connections have a header: each must (`required`), one from a listed network may (`optional`), or
 * none has one that counts (`none`).
 */
export type Demand = 'required' | 'optional' | 'none';

/** What {@link proxy} is made with. */
export interface ProxyOptions {
  /**
   * Whose header is believed: addresses and `address/prefix`, or Node's own list. Decided on the real socket's other end.
   */
  readonly from: readonly string[] | BlockList;
  /** For all listeners, or asked for each connection's. Default: `required`. */
  readonly header?: Demand | ((listener: Listener) => Demand);
  /** Milliseconds for a whole header; then the connection ends without a word. Default: 5,000. */
  readonly deadline?: number;
  /** Milliseconds that the greeting waits for the first octet of a header that is `optional`. Default: 200. */
  readonly patience?: number;
  /** Octets of a version 2 header with its TLVs, 232 to 65,551. Default: 4,096. Version 1 has at most 107. */
  readonly maximum?: number;
}

/**
 * The PROXY protocol, versions 1 and 2 (HAProxy's `proxy-protocol.txt`), before the greeting and before implicit TLS. From
 * a listed network a header makes `ctx.remote` the client and `ctx.local` what it connected to; `ctx.socket` stays the
 * proxy, and `Proxied` is the header with its TLVs. From anywhere else a header is never believed: where one is required
 * the connection ends at once, elsewhere its octets are SMTP's, which knows no such command, or a TLS handshake's.
 *
 * A wrong header, one that is late, and what comes instead of a required one ends the connection without a word; the log
 * says why. Throws RangeError for a list that names no networks and for limits that are none.
 */
export function proxy({
  from,
  header = 'required',
  deadline = 5000,
  patience = 200,
  maximum = 4096,
}: ProxyOptions): Plugin {
  if (Array.isArray(from) && from.length === 0) {
    throw new RangeError('no network is listed: whose header is to be believed?');
  }
  const listed = listedIn(from);
  for (const [name, ms] of Object.entries({ deadline, patience })) {
    if (!(ms > 0 && ms < 2 ** 31)) throw new RangeError(`${name} is a number of milliseconds, not ${ms}`);
  }
  if (!(Number.isInteger(maximum) && maximum >= smallestMaximum && maximum <= largestMaximum)) {
    throw new RangeError(`maximum is a number of octets, ${smallestMaximum} to ${largestMaximum}, not ${maximum}`);
  }
  return definePlugin({
    name: 'proxy',
    provides: [Proxied],
    prologue: async (wire, keys) => {
      const demand = typeof header === 'function' ? header(wire.listener) : header;
      if (demand === 'none') return {};
      if (!listed(wire.socket.address)) {
        if (demand === 'required') note(wire, 'info', 'it came from no listed network');
        return demand === 'required' ? 'close' : {};
      }
      const first = demand === 'required' ? deadline : patience;
      const came = await awaitHeader(wire, { first, whole: deadline, maximum });
      if (typeof came === 'object') {
        keys.set(Proxied, came);
        return factsOf(came);
      }
      if (demand === 'optional' && (came === 'silent' || came === 'other' || came === 'ended')) return {};
      // A balancer that only looks whether the port is open says nothing and goes: that is no news.
      note(wire, came === 'ended' ? 'debug' : 'warn', describeMissing(came));
      return 'close';
    },
  });
}

function note(wire: Wire, level: 'debug' | 'info' | 'warn', why: string): void {
  const fields = { id: wire.id, socket: wire.socket, listener: wire.listener.name };
  wire.inject(Log)[level](fields, `dropped a connection without a PROXY header: ${why}`);
}

function factsOf({ source, destination }: ProxyHeader): Partial<Facts> {
  return source && destination ? { remote: peer(source), local: peer(destination) } : {};
}

const peer = ({ address, port }: Endpoint): Peer => ({ address, port });
