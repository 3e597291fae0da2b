/** What can be wrong with a header that was begun, and how to tell who runs the proxy. */
const faults = {
  // ── version 1 ──
  'line-length': 'version 1 is one line of at most 107 octets',
  'line-end': 'version 1 ends in CR LF',
  'line-fields': 'version 1 has a protocol, two addresses and two ports, one space before each',
  protocol: 'version 1 speaks of TCP4, TCP6 or UNKNOWN',
  address: 'an address is not one of the protocol that was named',
  port: 'a port is a number up to 65535 without leading zeros',
  // ── version 2 ──
  version: 'the version is not 2',
  command: 'the command is neither LOCAL nor PROXY',
  family: 'the address family is none of UNSPEC, INET, INET6 and UNIX',
  transport: 'the transport is none of UNSPEC, STREAM and DGRAM',
  'too-large': 'the header is larger than is allowed here',
  'too-short': 'the header is too short for its addresses',
  path: 'the path of a Unix socket is not text',
  'tlv-length': 'a TLV is cut off',
  'tlv-twice': 'a TLV came twice',
  authority: 'AUTHORITY is not text',
  crc32c: 'CRC32C has not four octets',
  checksum: 'the checksum is wrong',
  uniqueId: 'UNIQUE_ID has more than 128 octets',
  ssl: 'SSL is too short, or a field of it is cut off, doubled or not text',
  netns: 'NETNS is not ASCII',
} as const;

/** What is wrong with a header. */
export type HeaderFault = keyof typeof faults;

/** Says what is wrong, in a text without anything of the sender's. */
export function describeFault(fault: HeaderFault): string {
  return faults[fault];
}
