import { isUtf8, type Buffer } from 'node:buffer';

/** The text of octets that are strictly valid UTF-8 (no overlong forms, no surrogates); undefined for others. */
export function utf8(octets: Buffer): string | undefined {
  return isUtf8(octets) ? octets.toString('utf8') : undefined;
}
