import type { Endpoint } from './addresses.ts';
import type { HeaderFault } from './faults.ts';
import type { ProxiedTlvs } from './tlvs.ts';
import { lineLength, parseLine } from './version1.ts';
import { fixedPart, headerLength, parseBinary, signature } from './version2.ts';

/** What a proxy said of the connection it relays. */
export interface ProxyHeader {
  readonly version: 1 | 2;
  /** `LOCAL`: nobody is relayed, the proxy itself asks how we are. */
  readonly command: 'PROXY' | 'LOCAL';
  /** `UNSPEC`: version 1's UNKNOWN, LOCAL, and what the proxy has no word for. */
  readonly family: 'INET' | 'INET6' | 'UNIX' | 'UNSPEC';
  readonly transport: 'STREAM' | 'DGRAM' | 'UNSPEC';
  /** The client; undefined where the header doesn't tell, and the real socket's other end counts. */
  readonly source: Endpoint | undefined;
  /** What the client connected to; undefined where `source` is. */
  readonly destination: Endpoint | undefined;
  /** Version 1 has none. */
  readonly tlvs: ProxiedTlvs;
}

/**
 * What the first octets of a connection turned out to be: a header and how many octets it has, none, one that is wrong,
 * or the beginning of one, to which at least `missing` octets more belong.
 */
export type Reading =
  | { readonly header: ProxyHeader; readonly length: number }
  | { readonly missing: number }
  | { readonly fault: HeaderFault }
  | 'absent';

/** The smallest header that every receiver of version 2 must take: that of a Unix socket, without TLVs. */
export const smallestMaximum = 232;

/** The largest that version 2 can say. */
export const largestMaximum: number = fixedPart + 0xffff;

/**
 * Reads a PROXY protocol header, version 1 or 2, off the first octets of a connection. A version 2 header of more than
 * `maximum` octets is a fault as soon as its length is there. Never throws; keeps no view of what it was given.
 */
export function parseHeader(octets: Buffer, maximum: number = largestMaximum): Reading {
  if (begins(octets, word)) return octets.length < word.length ? { missing: 1 } : line(octets);
  if (begins(octets, signature)) return octets.length < fixedPart ? shortOf(octets) : binary(octets, maximum);
  return 'absent';
}

const word = Buffer.from('PROXY');

/** Whether one is the beginning of the other. */
function begins(octets: Buffer, mark: Buffer): boolean {
  const length = Math.min(octets.length, mark.length);
  return octets.subarray(0, length).equals(mark.subarray(0, length));
}

function line(octets: Buffer): Reading {
  const found = lineLength(octets);
  if (typeof found === 'string') return { fault: found };
  return 'missing' in found ? found : outcome(parseLine(octets.subarray(0, found.octets - 2)), found.octets);
}

/** Until the signature is whole, the next octet may be the one that shows it is none. */
function shortOf({ length }: Buffer): Reading {
  return { missing: length < signature.length ? 1 : fixedPart - length };
}

function binary(octets: Buffer, maximum: number): Reading {
  const length = headerLength(octets, maximum);
  if (typeof length === 'string') return { fault: length };
  if (octets.length < length) return { missing: length - octets.length };
  return outcome(parseBinary(octets.subarray(0, length)), length);
}

function outcome(parsed: ProxyHeader | HeaderFault, length: number): Reading {
  return typeof parsed === 'string' ? { fault: parsed } : { header: parsed, length };
}
