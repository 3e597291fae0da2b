/** One entry per octet; the polynomial is 0x1EDC6F41, its bits reversed. */
const table = Uint32Array.from({ length: 256 }, (_, octet) => {
  let rest = octet;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0x82f63b78 : rest >>> 1;
  return rest;
});

/** The CRC32c checksum (RFC 4960 appendix B) of these octets, one piece after another; 0 to 2^32 - 1. */
export function crc32c(...pieces: readonly Uint8Array[]): number {
  let sum = 0xffffffff;
  for (const piece of pieces) for (const octet of piece) sum = (table[(sum ^ octet) & 0xff] ?? 0) ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}
