import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/** One end of a connection, as a header tells it. */
export interface Endpoint {
  /** An IP address as Node writes it, one spelling for one address; IPv4 mapped into IPv6 is IPv4. Empty for `UNIX`. */
  readonly address: string;
  /** 0 to 65535; 0 for `UNIX`. */
  readonly port: number;
  /** `UNIX`: the socket's path; empty where it has none, as a client's seldom has. */
  readonly path?: string;
}

/** Four decimal numbers without leading zeros; undefined for anything else. */
export function parseIPv4(text: string): string | undefined {
  return isIPv4(text) ? text : undefined;
}

/** An IPv6 address (RFC 4291 2.2) without a zone, in one spelling; undefined for anything else. */
export function parseIPv6(text: string): string | undefined {
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  // A client must not be two: limits and lists know it as IPv4, however the proxy's listener saw it.
  return mapped.exec(address)?.[1] ?? address;
}

/** A decimal number up to 65535 without leading zeros; undefined for anything else. */
export function parsePort(text: string): number | undefined {
  return port.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}

/** Four octets. */
export function readIPv4(octets: Buffer): string {
  return octets.join('.');
}

/** Sixteen octets. */
export function readIPv6(octets: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, at) => octets.readUInt16BE(2 * at).toString(16)).join(':');
  return parseIPv6(groups) ?? groups;
}

const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;
const port = /^(?:0|[1-9]\d{0,4})$/;
