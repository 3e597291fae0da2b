import { isIPv4, isIPv6 } from 'node:net';

/**
 * An IP address as the schema of reports takes it: IPv4 mapped into IPv6 as IPv4, IPv6 in its short form without a zone
 * (RFC 5952). Undefined for what is no IP address, as on a Unix socket.
 */
export function sourceAddress(address: string): string | undefined {
  if (isIPv4(address)) return address;
  const [bare = ''] = address.split('%');
  if (!isIPv6(bare)) return undefined;
  // The URL parser writes the one short form there is.
  const short = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(short);
  if (!mapped) return short;
  const words = [mapped[1], mapped[2]].map((word) => Number.parseInt(word ?? '', 16));
  return words.flatMap((word) => [word >> 8, word & 255]).join('.');
}
