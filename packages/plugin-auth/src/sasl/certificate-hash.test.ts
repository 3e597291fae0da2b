import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { selfSigned } from '@maitred/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expected } from '../../../../tools/programs.ts';
import { certificateHash } from './certificate-hash.ts';

const openssl = 'openssl';
const pem = (text: string): Buffer => new X509Certificate(text).raw;
const der = pem(selfSigned('mx.example.org').cert);

/** A certificate with that signature, by a program that isn't ours. */
function made(key: readonly string[], signed: readonly string[]): Buffer {
  const args = ['req', '-x509', '-nodes', '-newkey', ...key, '-keyout', '/dev/null', '-subj', '/CN=mx', ...signed];
  const { stdout, stderr } = spawnSync(openssl, args);
  if (stdout.length === 0) throw new Error(stderr.toString());
  return pem(stdout.toString());
}

const rsa = ['rsa:2048'];
const ec = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const pss = ['-sigopt', 'rsa_padding_mode:pss'];

describe('the hash function of a certificate’s signature', { timeout: 30_000 }, () => {
  it('is SHA-256 of one that was made here', () => {
    expect(certificateHash(der)).toBe('sha256');
  });

  it.skipIf(!expected(openssl, 'version')).each([
    ['RSA with MD5', rsa, ['-md5'], 'sha256'],
    ['RSA with SHA-1', rsa, ['-sha1'], 'sha256'],
    ['RSA with SHA-224', rsa, ['-sha224'], 'sha224'],
    ['RSA with SHA-256', rsa, ['-sha256'], 'sha256'],
    ['RSA with SHA-384', rsa, ['-sha384'], 'sha384'],
    ['RSA with SHA-512', rsa, ['-sha512'], 'sha512'],
    ['ECDSA with SHA-1', ec, ['-sha1'], 'sha256'],
    ['ECDSA with SHA-384', ec, ['-sha384'], 'sha384'],
    ['ECDSA with SHA-512', ec, ['-sha512'], 'sha512'],
    ['RSASSA-PSS with SHA-1', rsa, ['-sha1', ...pss], 'sha256'],
    ['RSASSA-PSS with SHA-256', rsa, ['-sha256', ...pss], 'sha256'],
    ['RSASSA-PSS with SHA-512', rsa, ['-sha512', ...pss], 'sha512'],
    ['Ed25519, which has none', ['ed25519'], [], undefined],
  ])('is read of what openssl makes: %s', (_name, key, signed, hash) => {
    expect(certificateHash(made(key, signed))).toBe(hash);
  });

  it('is unknown of what is no certificate, or no whole one', () => {
    for (let at = 0; at < der.length; at += 1) expect(certificateHash(der.subarray(0, at))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => {
        expect(certificateHash(Buffer.from(octets))).toSatisfy(
          (hash) => hash === undefined || typeof hash === 'string',
        );
      }),
    );
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), (at, octet) => {
        const changed = Buffer.from(der);
        changed[at] = octet;
        expect([undefined, 'sha224', 'sha256', 'sha384', 'sha512']).toContain(certificateHash(changed));
      }),
    );
  });
});
