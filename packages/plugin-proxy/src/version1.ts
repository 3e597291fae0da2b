import { parseIPv4, parseIPv6, parsePort } from './addresses.ts';
import type { HeaderFault } from './faults.ts';
import type { ProxyHeader } from './header.ts';
import { noTlvs } from './tlvs.ts';

/** The longest line, with its CRLF (2.1 of the protocol). */
export const maximumLine = 107;

/** The shortest: `PROXY UNKNOWN` and its CRLF. */
const minimumLine = 15;

const CR = 0x0d;
const LF = 0x0a;

/** The line's length with its CRLF; how many octets more there must be at least to tell; or what is wrong. */
export function lineLength(octets: Buffer): { readonly octets: number } | { readonly missing: number } | HeaderFault {
  const line = octets.subarray(0, maximumLine);
  const end = line.findIndex((octet) => octet === CR || octet === LF);
  if (line[end] === CR && line[end + 1] === LF) return { octets: end + 2 };
  if (line[end] === LF || (end >= 0 && end + 1 < line.length)) return 'line-end';
  if (line.length === maximumLine) return 'line-length';
  return { missing: end >= 0 ? 1 : Math.max(2, minimumLine - line.length) };
}

/** Reads a whole line, from `PROXY` to what is before its CRLF. */
export function parseLine(line: Buffer): ProxyHeader | HeaderFault {
  const [word, protocol, ...rest] = line.toString('latin1').split(' ');
  if (word !== 'PROXY') return 'line-fields';
  // What else is in the line of an unknown connection must not matter.
  if (protocol === 'UNKNOWN') return { ...common, family: 'UNSPEC', transport: 'UNSPEC' };
  if (protocol !== 'TCP4' && protocol !== 'TCP6') return 'protocol';
  if (rest.length !== 4) return 'line-fields';
  const [from = '', to = '', fromPort = '', toPort = ''] = rest;
  const parse = protocol === 'TCP4' ? parseIPv4 : parseIPv6;
  const [source, destination] = [parse(from), parse(to)];
  if (source === undefined || destination === undefined) return 'address';
  const [sourcePort, destinationPort] = [parsePort(fromPort), parsePort(toPort)];
  if (sourcePort === undefined || destinationPort === undefined) return 'port';
  return {
    ...common,
    family: protocol === 'TCP4' ? 'INET' : 'INET6',
    transport: 'STREAM',
    source: { address: source, port: sourcePort },
    destination: { address: destination, port: destinationPort },
  };
}

const common = { version: 1, command: 'PROXY', source: undefined, destination: undefined, tlvs: noTlvs } as const;
