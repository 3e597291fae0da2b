import { readIPv4, readIPv6, type Endpoint } from './addresses.ts';
import type { HeaderFault } from './faults.ts';
import type { ProxyHeader } from './header.ts';
import { utf8 } from './text.ts';
import { noTlvs, readProxiedTlvs } from './tlvs.ts';

/** What every header begins with, and nothing else does (2.2 of the protocol). */
export const signature: Buffer = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/** The octets before the addresses: signature, version and command, family and transport, length. */
export const fixedPart = 16;

const families = ['UNSPEC', 'INET', 'INET6', 'UNIX'] as const;
const transports = ['UNSPEC', 'STREAM', 'DGRAM'] as const;

/** Octets of two addresses with their ports. */
const addressOctets = { INET: 12, INET6: 36, UNIX: 216 } as const;

/** The header's length, told from its fixed part; or what is wrong with that. */
export function headerLength(octets: Buffer, maximum: number): number | HeaderFault {
  const length = fixedPart + octets.readUInt16BE(14);
  const { version, command, family, transport } = fixed(octets);
  if (version !== 2) return 'version';
  if (command === undefined) return 'command';
  if (command === 'PROXY' && family === undefined) return 'family';
  if (command === 'PROXY' && transport === undefined) return 'transport';
  if (length > maximum) return 'too-large';
  const told = command === 'PROXY' && transport !== 'UNSPEC' && family !== 'UNSPEC' && family;
  return told && length < fixedPart + addressOctets[told] ? 'too-short' : length;
}

/** Reads a whole header whose length {@link headerLength} told. */
export function parseBinary(header: Buffer): ProxyHeader | HeaderFault {
  const { command = 'LOCAL', family = 'UNSPEC', transport = 'UNSPEC' } = fixed(header);
  // What follows is not to be looked at: of a LOCAL header nothing, and without a family nobody knows where it is.
  if (command === 'LOCAL') return { ...untold, command };
  if (family === 'UNSPEC' || transport === 'UNSPEC') return { ...untold, command };
  const ends = family === 'UNIX' ? unixEnds(header) : internetEnds(header, family);
  if (ends === undefined) return 'path';
  const tlvs = readProxiedTlvs(header, fixedPart + addressOctets[family]);
  if (typeof tlvs === 'string') return tlvs;
  const [source, destination] = ends;
  return { version: 2, command, family, transport, source, destination, tlvs };
}

const untold = {
  version: 2,
  family: 'UNSPEC',
  transport: 'UNSPEC',
  source: undefined,
  destination: undefined,
  tlvs: noTlvs,
} as const;

function fixed(octets: Buffer): {
  readonly version: number;
  readonly command: ProxyHeader['command'] | undefined;
  readonly family: ProxyHeader['family'] | undefined;
  readonly transport: ProxyHeader['transport'] | undefined;
} {
  const [first, second] = [octets.readUInt8(12), octets.readUInt8(13)];
  return {
    version: first >> 4,
    command: (['LOCAL', 'PROXY'] as const)[first & 0x0f],
    family: families[second >> 4],
    transport: transports[second & 0x0f],
  };
}

function internetEnds(header: Buffer, family: 'INET' | 'INET6'): readonly [Endpoint, Endpoint] {
  const [size, read] = family === 'INET' ? [4, readIPv4] : [16, readIPv6];
  const addresses = header.subarray(fixedPart, fixedPart + 2 * size);
  const ports = fixedPart + 2 * size;
  return [
    { address: read(addresses.subarray(0, size)), port: header.readUInt16BE(ports) },
    { address: read(addresses.subarray(size)), port: header.readUInt16BE(ports + 2) },
  ];
}

function unixEnds(header: Buffer): readonly [Endpoint, Endpoint] | undefined {
  const [source, destination] = [0, 108].map((at) => {
    const field = header.subarray(fixedPart + at, fixedPart + at + 108);
    const end = field.indexOf(0);
    return utf8(end < 0 ? field : field.subarray(0, end));
  });
  if (source === undefined || destination === undefined) return undefined;
  return [
    { address: '', port: 0, path: source },
    { address: '', port: 0, path: destination },
  ];
}
