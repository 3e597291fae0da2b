/** What {@link version2} writes; numbers are those of the protocol, so that wrong ones can be written too. */
export interface Version2 {
  readonly version?: number;
  readonly command?: number;
  readonly family?: number;
  readonly transport?: number;
  /** Default: those of a client at 192.0.2.7:40000 that connected to 198.51.100.25:25. */
  readonly addresses?: Buffer;
  readonly tlvs?: Buffer;
  /** The length that is written; default: the true one. */
  readonly length?: number;
}

/** Who a header speaks of, where a test doesn't say. */
export const client = { address: '192.0.2.7', port: 40_000 } as const;
export const local = { address: '198.51.100.25', port: 25 } as const;

/** A version 1 line with its CRLF. */
export const version1 = (what = 'TCP4 192.0.2.7 198.51.100.25 40000 25'): Buffer => Buffer.from(`PROXY ${what}\r\n`);

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

/** A version 2 header. */
export function version2({
  version = 2,
  command = 1,
  family = 1,
  transport = 1,
  addresses = inet([192, 0, 2, 7], [198, 51, 100, 25]),
  tlvs = Buffer.alloc(0),
  length = addresses.length + tlvs.length,
}: Version2 = {}): Buffer {
  const fixed = Buffer.of((version << 4) | command, (family << 4) | transport, length >> 8, length & 0xff);
  return Buffer.concat([signature, fixed, addresses, tlvs]);
}

/** The address part of INET and INET6: octets of both addresses, then both ports. */
export function inet(source: readonly number[], destination: readonly number[], ports = [40_000, 25]): Buffer {
  return Buffer.from([...source, ...destination, ...ports.flatMap((port) => [port >> 8, port & 0xff])]);
}

/** The address part of UNIX. */
export function unix(source: string | readonly number[], destination: string | readonly number[]): Buffer {
  const fields = Buffer.alloc(216);
  fields.set(Buffer.from(source as string), 0);
  fields.set(Buffer.from(destination as string), 108);
  return fields;
}

/** One TLV; `length`: what is written, if not the true one. */
export function tlv(type: number, value: string | Uint8Array | readonly number[], length?: number): Buffer {
  const octets = Buffer.from(value as Uint8Array);
  const said = length ?? octets.length;
  return Buffer.concat([Buffer.of(type, said >> 8, said & 0xff), octets]);
}

/** A CRC32C TLV, the checksum still zero. */
export const noChecksum: Buffer = tlv(0x03, Buffer.alloc(4));

/** Puts the checksum where {@link noChecksum} stands; taken bit by bit, as RFC 4960 appendix B defines it. */
export function checked(header: Buffer): Buffer {
  const at = header.indexOf(noChecksum) + 3;
  let sum = 0xffffffffn;
  for (const octet of header) {
    sum ^= BigInt(octet);
    for (let bit = 0; bit < 8; bit++) sum = sum & 1n ? (sum >> 1n) ^ 0x82f63b78n : sum >> 1n;
  }
  const made = Buffer.from(header);
  made.writeUInt32BE(Number(sum ^ 0xffffffffn), at);
  return made;
}
