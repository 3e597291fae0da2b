import { Buffer } from 'node:buffer';

/** Octets of UTF-8 that fit into an encoded-word's 75 characters (RFC 2047 2). */
const ROOM = 45;

/** A line of text for a header field: as it is when it's ASCII, or else as encoded-words, folded (RFC 2047). */
export function encodedWords(text: string): string {
  if (!/[^\0-\x7f]/.test(text)) return text;
  const pieces: string[] = [];
  let piece = '';
  for (const character of text) {
    if (Buffer.byteLength(piece + character) > ROOM) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...pieces, piece].map((one) => `=?utf-8?B?${Buffer.from(one).toString('base64')}?=`).join('\r\n ');
}
