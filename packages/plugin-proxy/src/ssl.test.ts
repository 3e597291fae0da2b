import { describe, expect, it } from 'vitest';
import { tlv } from '../test/headers.ts';
import { readSsl } from './ssl.ts';

const ssl = (client: number, verify: number, ...fields: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.of(client, 0, 0, verify >> 8, verify & 0xff), ...fields]);

describe('SSL', () => {
  it('reads each field', () => {
    const certificate = Buffer.from('3003020101', 'hex');
    expect(
      readSsl(
        ssl(
          0x07,
          0,
          tlv(0x21, 'TLSv1.3'),
          tlv(0x22, 'Jörg'),
          tlv(0x23, 'TLS_AES_256_GCM_SHA384'),
          tlv(0x24, 'RSA-SHA256'),
          tlv(0x25, 'RSA2048'),
          tlv(0x26, 'X25519'),
          tlv(0x27, 'rsa_pss_rsae_sha256'),
          tlv(0x28, certificate),
          tlv(0x2f, 'later'),
        ),
      ),
    ).toEqual({
      secured: true,
      certificateOnConnection: true,
      certificateInSession: true,
      verify: 0,
      authorized: true,
      version: 'TLSv1.3',
      commonName: 'Jörg',
      cipher: 'TLS_AES_256_GCM_SHA384',
      signatureAlgorithm: 'RSA-SHA256',
      keyAlgorithm: 'RSA2048',
      group: 'X25519',
      signatureScheme: 'rsa_pss_rsae_sha256',
      clientCertificate: certificate,
      others: [{ type: 0x2f, value: Buffer.from('later') }],
    });
  });

  it.each([
    [0x00, 0, { secured: false, authorized: false }],
    // HAProxy says 0 also of a client without a certificate.
    [0x01, 0, { secured: true, authorized: false }],
    [0x03, 0, { certificateOnConnection: true, certificateInSession: false, authorized: true }],
    [0x05, 0, { certificateOnConnection: false, certificateInSession: true, authorized: true }],
    [0x07, 18, { verify: 18, authorized: false }],
    [0xf8, 0, { secured: false, certificateOnConnection: false, certificateInSession: false, authorized: false }],
  ])('reads client %i and verify %i', (client, verify, expected) => {
    expect(readSsl(ssl(client, verify))).toMatchObject(expected);
  });

  it.each([
    ['is too short', Buffer.alloc(4)],
    ['is empty', Buffer.alloc(0)],
    ['has a field that is cut off', ssl(1, 0, tlv(0x21, 'TLSv1.3', 8))],
    ['has a field without a length', ssl(1, 0, Buffer.of(0x21, 0))],
    ['has a field twice', ssl(1, 0, tlv(0x21, 'TLSv1.3'), tlv(0x21, 'TLSv1.3'))],
    ['has a version that is not ASCII', ssl(1, 0, tlv(0x21, 'ü'))],
    ['has a control character in its cipher', ssl(1, 0, tlv(0x23, 'a\nb'))],
    ['has a common name that is not UTF-8', ssl(1, 0, tlv(0x22, [0xfc]))],
    ['has a control character in its common name', ssl(1, 0, tlv(0x22, 'a\r\nb'))],
  ])('refuses one that %s', (_, value) => {
    expect(readSsl(value)).toBeUndefined();
  });
});
