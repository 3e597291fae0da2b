import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { expect, it } from 'vitest';
import { selfSigned } from './certificate.ts';

it('makes a certificate that Node takes, for each name', () => {
  const made = selfSigned('mx.example', 'mail.example');
  expect(() => createSecureContext(made)).not.toThrow();
  const read = new X509Certificate(made.cert);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(read.checkHost('mail.example')).toBe('mail.example');
  expect(read.subject).toBe('CN=mx.example');
  expect(read.validToDate.getUTCFullYear()).toBe(9999);
});

it('makes another key each time', () => {
  expect(selfSigned('a.example').key).not.toBe(selfSigned('a.example').key);
});

it('needs no name', () => {
  expect(new X509Certificate(selfSigned().cert).subjectAltName).toBeUndefined();
});

it('has room for many names', () => {
  const names = Array.from({ length: 99 }, (_, number) => `mx${number}.example`);
  expect(new X509Certificate(selfSigned(...names).cert).checkHost('mx98.example')).toBe('mx98.example');
});
