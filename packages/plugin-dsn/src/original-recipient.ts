import { Buffer } from 'node:buffer';
import { decodeXtext } from '@maitred/core';
import type { OriginalRecipient } from './keys.ts';
import { isPrintable } from './printable.ts';
import { decodeUnitext } from './unitext.ts';

/** RFC 3461 4.2, 5.4: octets of the value as it is written. */
const LONGEST = 500;
/** An atom of RFC 822. */
const ATOM = /^[!#-'*+\-/-9=?A-Z^-~]+$/;

/**
 * Reads ORCPT's value: an address type, a semicolon, and the address, in xtext (RFC 3461 4.2) or for the type `utf-8` in
 * one of RFC 6533's forms. Undefined for anything else, an empty address and control characters included.
 */
export function parseOriginalRecipient(encoded: string | undefined): OriginalRecipient | undefined {
  if (encoded === undefined || Buffer.byteLength(encoded) > LONGEST) return undefined;
  const semicolon = encoded.indexOf(';');
  const type = encoded.slice(0, Math.max(semicolon, 0));
  if (!ATOM.test(type)) return undefined;
  const written = encoded.slice(semicolon + 1);
  if (/^utf-8$/i.test(type)) {
    const address = decodeUnitext(written);
    return address === undefined ? undefined : { type: 'utf-8', address, encoded };
  }
  const address = decodeXtext(written);
  return isPrintable(address) ? { type: type.toLowerCase(), address, encoded } : undefined;
}
