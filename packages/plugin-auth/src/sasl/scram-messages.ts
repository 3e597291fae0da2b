import type { Buffer } from 'node:buffer';
import { decodeBase64 } from './base64.ts';
import { parseGs2Header, parseSaslName, type Gs2Header } from './gs2.ts';
import { utf8 } from './utf8.ts';

/** The client's first message (RFC 5802 7). */
export interface ClientFirst {
  readonly header: Gs2Header;
  /** The message without its header, as received: the signatures are over it. */
  readonly bare: string;
  readonly user: string;
  readonly nonce: string;
}

/** Reads the client's first message; undefined for another form, and where it demands an extension (`m=`). */
export function parseClientFirst(octets: Buffer): ClientFirst | undefined {
  const header = parseGs2Header(utf8(octets) ?? '');
  if (!header) return undefined;
  const [name = '', nonce = '', ...more] = header.rest.split(',');
  const user = name.startsWith('n=') ? parseSaslName(name.slice(2)) : undefined;
  if (user === undefined || !isNonce(nonce) || !more.every(isAttribute)) return undefined;
  return { header, bare: header.rest, user, nonce: nonce.slice(2) };
}

/** Writes the server's first message: the whole nonce, the salt, and how often to hash. */
export function serverFirst(nonce: string, salt: Buffer, iterations: number): string {
  return `r=${nonce},s=${salt.toString('base64')},i=${iterations}`;
}

/** The client's last message but the empty one (RFC 5802 7). */
export interface ClientFinal {
  /** Header and channel binding, as the client believes them to be. */
  readonly binding: Buffer;
  readonly nonce: string;
  readonly proof: Buffer;
  /** All but the proof, as received: the signatures are over it. */
  readonly withoutProof: string;
}

/** Reads the client's final message; undefined for another form. */
export function parseClientFinal(octets: Buffer): ClientFinal | undefined {
  const text = utf8(octets) ?? '';
  const last = text.lastIndexOf(',');
  const withoutProof = text.slice(0, last);
  const [channel = '', nonce = '', ...more] = withoutProof.split(',');
  const binding = channel.startsWith('c=') ? decodeBase64(channel.slice(2)) : undefined;
  const proof = text.startsWith('p=', last + 1) ? decodeBase64(text.slice(last + 3)) : undefined;
  if (!binding || !proof || !isNonce(nonce) || !more.every(isAttribute)) return undefined;
  return { binding, nonce: nonce.slice(2), proof, withoutProof };
}

const isNonce = (text: string): boolean => /^r=[!-+\--~]+$/.test(text);
const isAttribute = (text: string): boolean => /^[A-Za-z]=[^\0]+$/.test(text);
