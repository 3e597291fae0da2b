import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A private key and its certificate, both PEM, as TLS options take them. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/**
 * Makes a key (P-256) and a certificate (RFC 5280) for these DNS names, signed by itself and valid from 2020 to 9999: no
 * private key has to lie about in a repository. For tests alone.
 */
export function selfSigned(...names: readonly string[]): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(names[0] ?? 'mx.example')))));
  const alternatives = sequence(...names.map((dns) => der(0x82, Buffer.from(dns))));
  const signed = sequence(
    der(0xa0, integer(Buffer.of(2))), // version 3
    integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ecdsaWithSha256,
    name,
    sequence(der(0x17, Buffer.from('200101000000Z')), der(0x18, Buffer.from('99991231235959Z'))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(names.length > 0 ? [der(0xa3, sequence(sequence(oid('551d11'), der(0x04, alternatives))))] : []),
  );
  const signature = der(0x03, Buffer.of(0), sign('sha256', signed, privateKey));
  const cert = sequence(signed, ecdsaWithSha256, signature).toString('base64');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${cert.replaceAll(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`,
  };
}

function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const octets = Buffer.concat(content);
  const { length } = octets;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), octets]);
}

const sequence = (...content: readonly Uint8Array[]): Buffer => der(0x30, ...content);
const integer = (octets: Uint8Array): Buffer => der(0x02, octets);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
