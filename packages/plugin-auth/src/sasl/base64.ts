import { Buffer } from 'node:buffer';

/**
 * Reads base64 (RFC 4648 4) as RFC 4954 4 wants it: undefined for any character that is not of the alphabet, for padding
 * that is missing or elsewhere than at the end, and for bits left over that are not zero: one text for one meaning.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const octets = Buffer.from(text, 'base64');
  return octets.toString('base64') === text ? octets : undefined;
}
