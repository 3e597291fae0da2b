import { isAscii, isUtf8 } from 'node:buffer';

/** C0, DEL, C1, and the two separators that some readers of logs take for line ends. */
const control = /[\0-\x1f\x7f-\x9f\u2028\u2029]/;

/** UTF-8 as text; undefined for what is none, strictly read, and for any control character: it may go into a log. */
export function utf8(octets: Buffer): string | undefined {
  if (!isUtf8(octets)) return undefined;
  const text = octets.toString('utf8');
  return control.test(text) ? undefined : text;
}

/** US-ASCII as text; undefined for what is none, and for any control character. */
export function ascii(octets: Buffer): string | undefined {
  return isAscii(octets) ? utf8(octets) : undefined;
}
