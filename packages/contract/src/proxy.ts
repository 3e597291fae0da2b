import { definePlugin, key, type Key, type Peer, type Plugin, type Wire } from '@maitred/core';

/** The PROXY header as it came. */
export const ProxyHeader: Key<string, 'connection'> = key('proxy:header', 'connection');

/** The longest header of version 1, with its CRLF. */
const longest = 107;

/** PROXY protocol, version 1: whom a trusted proxy speaks for, before the first octet of SMTP or TLS. */
export function proxy({ trusted }: { readonly trusted: (socket: Peer) => boolean }): Plugin {
  return definePlugin({
    name: 'proxy',
    provides: [ProxyHeader],
    prologue: async (wire, keys, signal) => {
      // What others send is SMTP, and a syntax error there.
      if (!trusted(wire.socket)) return {};
      const header = await readHeader(wire, signal);
      const [, , address, to, port, toPort] = /^PROXY TCP(4|6) (\S+) (\S+) (\d+) (\d+)$/.exec(header ?? '') ?? [];
      if (header === undefined || !address || !to || !port || !toPort) return 'close';
      keys.set(ProxyHeader, header);
      return { remote: { address, port: Number(port) }, local: { address: to, port: Number(toPort) } };
    },
  });
}

/** The first line; undefined when the client went, took too long, or sent another protocol. */
async function readHeader(wire: Wire, signal: AbortSignal): Promise<string | undefined> {
  let read = Buffer.alloc(0);
  for (let end = -1; end < 0; end = read.indexOf('\r\n')) {
    if (read.length >= longest) return undefined;
    const more = await wire.read(longest - read.length, signal);
    if (more.length === 0) return undefined;
    read = Buffer.concat([read, more]);
  }
  const end = read.indexOf('\r\n');
  wire.unread(read.subarray(end + 2));
  return read.toString('latin1', 0, end);
}
