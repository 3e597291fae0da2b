import { crc32c } from './crc32c.ts';
import type { HeaderFault } from './faults.ts';
import { readSsl, type ProxiedSsl } from './ssl.ts';
import { ascii, utf8 } from './text.ts';
import { copied, readFields, readTlvs, type Tlv } from './tlv.ts';

/** What a version 2 header says beyond the addresses (2.2 of the protocol); undefined is what it does not say. */
export interface ProxiedTlvs {
  /** PP2_TYPE_ALPN: the protocol that was negotiated, as in RFC 7301. */
  readonly alpn: Buffer | undefined;
  /** PP2_TYPE_AUTHORITY: the host name that the client asked for; with TLS, its SNI. */
  readonly authority: string | undefined;
  /** PP2_TYPE_CRC32C: the header's checksum. It held. */
  readonly crc32c: number | undefined;
  /** PP2_TYPE_UNIQUE_ID: what the proxy knows the connection by; at most 128 octets. */
  readonly uniqueId: Buffer | undefined;
  /** PP2_TYPE_SSL: the client's TLS, which ended at the proxy. */
  readonly ssl: ProxiedSsl | undefined;
  /** PP2_TYPE_NETNS: the name of the network namespace. */
  readonly netns: string | undefined;
  /** PP2_TYPE_AWS, PP2_SUBTYPE_AWS_VPCE_ID: the VPC endpoint that the client came through, `vpce-…`. */
  readonly awsVpcEndpoint: string | undefined;
  /** PP2_TYPE_AZURE, PP2_SUBTYPE_AZURE_PRIVATEENDPOINT_LINKID: the private endpoint that the client came through. */
  readonly azureLinkId: number | undefined;
  /** All of other types, in order, as they came: the ranges for applications and experiments, and later registrations. */
  readonly others: readonly Tlv[];
}

const fields = {
  alpn: [0x01, copied],
  authority: [0x02, utf8],
  crc32c: [0x03, (value: Buffer) => (value.length === 4 ? value.readUInt32BE() : undefined)],
  uniqueId: [0x05, (value: Buffer) => (value.length <= 128 ? copied(value) : undefined)],
  ssl: [0x20, readSsl],
  netns: [0x30, ascii],
} as const;

/** Padding. */
const noop = 0x04;

/** What is said without TLVs. */
export const noTlvs: ProxiedTlvs = Object.freeze({
  alpn: undefined,
  authority: undefined,
  crc32c: undefined,
  uniqueId: undefined,
  ssl: undefined,
  netns: undefined,
  awsVpcEndpoint: undefined,
  azureLinkId: undefined,
  others: [],
});

/** Reads the TLVs of a whole header, from `start` on, and checks its checksum if it has one. */
export function readProxiedTlvs(header: Buffer, start: number): ProxiedTlvs | HeaderFault {
  const tlvs = readTlvs(header.subarray(start));
  if (!tlvs) return 'tlv-length';
  const read = readFields(tlvs, fields);
  if (typeof read === 'string') return read;
  const { known } = read;
  const stands = tlvs.find(({ type }) => type === fields.crc32c[0])?.value;
  if (stands && known.crc32c !== checksum(header, stands.byteOffset - header.byteOffset)) return 'checksum';
  const others = read.others.filter(({ type }) => type !== noop);
  return { ...known, awsVpcEndpoint: awsVpcEndpoint(others), azureLinkId: azureLinkId(others), others };
}

/** The header's checksum, taken with zeros where it stands itself (2.2.3). */
function checksum(header: Buffer, at: number): number {
  return crc32c(header.subarray(0, at), Buffer.alloc(4), header.subarray(at + 4));
}

// The clouds' types lie in the range that is anybody's: a value of another form is somebody else's, and no fault.

function awsVpcEndpoint(tlvs: readonly Tlv[]): string | undefined {
  const found = tlvs.find(({ type, value }) => type === 0xea && value[0] === 0x01);
  const id = found && ascii(found.value.subarray(1));
  return id !== undefined && /^[A-Za-z0-9-]+$/.test(id) ? id : undefined;
}

function azureLinkId(tlvs: readonly Tlv[]): number | undefined {
  const found = tlvs.find(({ type, value }) => type === 0xee && value.length === 5 && value[0] === 0x01);
  return found?.value.readUInt32LE(1);
}
