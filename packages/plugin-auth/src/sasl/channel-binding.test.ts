import { createHash, X509Certificate } from 'node:crypto';
import { selfSigned } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { bindingData, canBind, type BoundChannel } from './channel-binding.ts';

const certificate = new X509Certificate(selfSigned('mx.example.org').cert).raw;
const asked: unknown[] = [];
const layer = (protocol: string, own: Buffer | undefined = certificate): BoundChannel => ({
  protocol,
  certificate: own,
  exportKeyingMaterial: (...args) => {
    asked.push(args);
    return Buffer.alloc(args[0], 7);
  },
});

describe('channel binding', () => {
  it('is keying material of the connection (RFC 9266)', () => {
    expect(bindingData('tls-exporter', layer('TLSv1.3'))).toEqual(Buffer.alloc(32, 7));
    expect(asked).toEqual([[32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)]]);
  });

  it('has no such material in TLS 1.2, where two connections may share it', () => {
    expect(bindingData('tls-exporter', layer('TLSv1.2'))).toBeUndefined();
  });

  it('is the hash of the server’s certificate (RFC 5929)', () => {
    const hash = createHash('sha256').update(certificate).digest();
    expect(bindingData('tls-server-end-point', layer('TLSv1.2'))).toEqual(hash);
    expect(bindingData('tls-server-end-point', layer('TLSv1.3'))).toEqual(hash);
    expect(bindingData('tls-server-end-point', { ...layer('TLSv1.3'), certificate: undefined })).toBeUndefined();
  });

  it.each(['tls-unique', '', 'toString', '__proto__', 'TLS-EXPORTER'])('knows no type %j', (type) => {
    expect(bindingData(type, layer('TLSv1.3'))).toBeUndefined();
  });

  it('is possible where either is', () => {
    expect(canBind(layer('TLSv1.2'))).toBe(true);
    expect(canBind({ ...layer('TLSv1.3'), certificate: undefined })).toBe(true);
    expect(canBind({ ...layer('TLSv1.2'), certificate: undefined })).toBe(false);
  });
});
