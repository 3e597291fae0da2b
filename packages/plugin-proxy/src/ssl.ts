import { ascii, utf8 } from './text.ts';
import { copied, readFields, readTlvs, type Tlv } from './tlv.ts';

/** PP2_TYPE_SSL: the client's TLS, which ended at the proxy (2.2.6 of the protocol). */
export interface ProxiedSsl {
  /** PP2_CLIENT_SSL: the client spoke TLS. */
  readonly secured: boolean;
  /** PP2_CLIENT_CERT_CONN: it sent a certificate on this connection. */
  readonly certificateOnConnection: boolean;
  /** PP2_CLIENT_CERT_SESS: it sent one at least once in this TLS session. */
  readonly certificateInSession: boolean;
  /** The proxy's verdict on the certificate: 0 for a good one, and from some proxies where there was none. */
  readonly verify: number;
  /** There was a certificate, and the proxy found it good. */
  readonly authorized: boolean;
  /** PP2_SUBTYPE_SSL_VERSION: `TLSv1.3`. */
  readonly version: string | undefined;
  /** PP2_SUBTYPE_SSL_CN: the common name in the client's certificate. */
  readonly commonName: string | undefined;
  /** PP2_SUBTYPE_SSL_CIPHER: `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string | undefined;
  /** PP2_SUBTYPE_SSL_SIG_ALG: what the proxy's certificate is signed with, `RSA-SHA256`. */
  readonly signatureAlgorithm: string | undefined;
  /** PP2_SUBTYPE_SSL_KEY_ALG: the key of the proxy's certificate, `RSA2048`. */
  readonly keyAlgorithm: string | undefined;
  /** PP2_SUBTYPE_SSL_GROUP: the group of the key exchange, `X25519`. */
  readonly group: string | undefined;
  /** PP2_SUBTYPE_SSL_SIG_SCHEME: what the proxy signed the handshake with, `rsa_pss_rsae_sha256`. */
  readonly signatureScheme: string | undefined;
  /** PP2_SUBTYPE_SSL_CLIENT_CERT: the client's certificate (DER). */
  readonly clientCertificate: Buffer | undefined;
  /** Fields of types that aren't known here. */
  readonly others: readonly Tlv[];
}

const fields = {
  version: [0x21, ascii],
  commonName: [0x22, utf8],
  cipher: [0x23, ascii],
  signatureAlgorithm: [0x24, ascii],
  keyAlgorithm: [0x25, ascii],
  group: [0x26, ascii],
  signatureScheme: [0x27, ascii],
  clientCertificate: [0x28, copied],
} as const;

/** Reads the value of PP2_TYPE_SSL; undefined when it isn't one. */
export function readSsl(value: Buffer): ProxiedSsl | undefined {
  if (value.length < 5) return undefined;
  const tlvs = readTlvs(value.subarray(5));
  const read = tlvs && readFields(tlvs, fields);
  if (read === undefined || typeof read === 'string') return undefined;
  const client = value.readUInt8(0);
  const verify = value.readUInt32BE(1);
  return {
    secured: (client & 0x01) !== 0,
    certificateOnConnection: (client & 0x02) !== 0,
    certificateInSession: (client & 0x04) !== 0,
    verify,
    authorized: (client & 0x06) !== 0 && verify === 0,
    ...read.known,
    others: read.others,
  };
}
