import { Buffer } from 'node:buffer';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { utf8 } from './utf8.ts';

/** The answer to a challenge of CRAM-MD5 (RFC 2195 2). */
export interface CramMessage {
  readonly user: string;
  /** HMAC-MD5 of the challenge, keyed with the shared secret. */
  readonly digest: Buffer;
}

/** Reads `user digest`, the digest in lower-case hexadecimal; undefined for anything else. A user's name may hold spaces. */
export function parseCramMd5(octets: Buffer): CramMessage | undefined {
  const text = utf8(octets) ?? '';
  const space = text.lastIndexOf(' ');
  const digest = text.slice(space + 1);
  if (space < 1 || !/^[0-9a-f]{32}$/.test(digest)) return undefined;
  return { user: text.slice(0, space), digest: Buffer.from(digest, 'hex') };
}

/** Whether who made the digest knows the secret; takes the same time either way. */
export function provesSecret(challenge: string, secret: string, { digest }: CramMessage): boolean {
  return timingSafeEqual(createHmac('md5', secret).update(challenge).digest(), digest);
}
