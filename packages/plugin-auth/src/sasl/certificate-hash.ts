import type { Buffer } from 'node:buffer';

/**
 * The hash function of a certificate's signature, in OpenSSL's words, as `tls-server-end-point` wants it (RFC 5929 4.1):
 * SHA-256 in the place of MD5 and SHA-1. Undefined where the signature has none of its own (Ed25519, Ed448) or one that is
 * not known here, and for octets that are no certificate (DER).
 */
export function certificateHash(der: Buffer): string | undefined {
  const certificate = element(der, 0);
  const signed = certificate && element(der, certificate.start);
  const algorithm = signed && element(der, signed.end);
  const oid = algorithm && objectId(der, algorithm.start, algorithm.end);
  if (!oid) return undefined;
  return oid.hex === rsaPss ? pssHash(der, oid.end, algorithm.end) : hashes[oid.hex];
}

/** OIDs as their DER has them, in hexadecimal. */
const rsaPss = '2a864886f70d01010a';
const hashes: Readonly<Record<string, string>> = {
  '2a864886f70d010104': 'sha256', // md5WithRSAEncryption
  '2a864886f70d010105': 'sha256', // sha1WithRSAEncryption
  '2a864886f70d01010e': 'sha224', // sha224WithRSAEncryption
  '2a864886f70d01010b': 'sha256', // sha256WithRSAEncryption
  '2a864886f70d01010c': 'sha384', // sha384WithRSAEncryption
  '2a864886f70d01010d': 'sha512', // sha512WithRSAEncryption
  '2a8648ce3d0401': 'sha256', // ecdsa-with-SHA1
  '2a8648ce3d040301': 'sha224', // ecdsa-with-SHA224
  '2a8648ce3d040302': 'sha256', // ecdsa-with-SHA256
  '2a8648ce3d040303': 'sha384', // ecdsa-with-SHA384
  '2a8648ce3d040304': 'sha512', // ecdsa-with-SHA512
};
const pssHashes: Readonly<Record<string, string>> = {
  '2b0e03021a': 'sha256', // id-sha1
  '608648016503040204': 'sha224',
  '608648016503040201': 'sha256',
  '608648016503040202': 'sha384',
  '608648016503040203': 'sha512',
};

/** RSASSA-PSS-params (RFC 4055 3.1): the hash is in `[0]`, and SHA-1 where that is left out. */
function pssHash(der: Buffer, at: number, end: number): string | undefined {
  const parameters = at < end ? element(der, at) : undefined;
  const tagged = parameters && parameters.start < parameters.end ? element(der, parameters.start) : undefined;
  if (!tagged || der[tagged.at] !== 0xa0) return 'sha256';
  const identifier = element(der, tagged.start);
  const oid = identifier && objectId(der, identifier.start, identifier.end);
  return oid && pssHashes[oid.hex];
}

/** One element of DER: where it begins, where its content does, and where both end. */
interface Element {
  readonly at: number;
  readonly start: number;
  readonly end: number;
}

function element(der: Buffer, at: number): Element | undefined {
  const first = der[at + 1];
  if (first === undefined) return undefined;
  const more = first < 0x80 ? 0 : first & 0x7f;
  if (more > 4 || at + 2 + more > der.length) return undefined;
  const length = more === 0 ? first : der.readUIntBE(at + 2, more);
  const start = at + 2 + more;
  return start + length > der.length ? undefined : { at, start, end: start + length };
}

function objectId(der: Buffer, at: number, limit: number): { readonly hex: string; readonly end: number } | undefined {
  const found = at < limit && der[at] === 0x06 ? element(der, at) : undefined;
  return found && { hex: der.toString('hex', found.start, found.end), end: found.end };
}
