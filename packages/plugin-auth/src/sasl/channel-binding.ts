import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { certificateHash } from './certificate-hash.ts';

/** What a channel binding is made of: the TLS layer as the server sees it. */
export interface BoundChannel {
  /** As OpenSSL names it: `TLSv1.3`. */
  readonly protocol: string;
  /** The server's own certificate (DER). */
  readonly certificate: Buffer | undefined;
  exportKeyingMaterial(octets: number, label: string, context: Buffer): Buffer;
}

/** The channel bindings there are: of the connection (RFC 9266), or of the server's certificate (RFC 5929 4). */
export type BindingType = keyof typeof types;

const types = {
  // Without a TLS extension that Node doesn't tell of, TLS 1.2 lets two connections share this (RFC 9266 3).
  'tls-exporter': (tls: BoundChannel): Buffer | undefined =>
    tls.protocol === 'TLSv1.3' ? tls.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)) : undefined,
  'tls-server-end-point': ({ certificate }: BoundChannel): Buffer | undefined => {
    const hash = certificate && certificateHash(certificate);
    return hash ? createHash(hash).update(certificate).digest() : undefined;
  },
} as const;

/** The data that a channel binding of this type binds to; undefined for an unknown type, and where this layer has none. */
export function bindingData(type: string, tls: BoundChannel): Buffer | undefined {
  return isType(type) ? types[type](tls) : undefined;
}

/** Whether any channel binding works on this layer. */
export function canBind(tls: BoundChannel): boolean {
  return tls.protocol === 'TLSv1.3' || types['tls-server-end-point'](tls) !== undefined;
}

const isType = (type: string): type is BindingType => Object.hasOwn(types, type);
