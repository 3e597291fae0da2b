import { decodeXtext } from '@maitred/core';
import type { EnvelopeId } from './keys.ts';
import { isPrintable } from './printable.ts';

/** RFC 3461 4.4, 5.4: characters of the value as it is written. */
const LONGEST = 100;

/** Reads ENVID's value (RFC 3461 4.4): xtext of printable ASCII, spaces included; undefined for anything else. */
export function parseEnvelopeId(encoded: string | undefined): EnvelopeId | undefined {
  if (encoded === undefined || encoded.length > LONGEST) return undefined;
  const value = decodeXtext(encoded);
  return isPrintable(value) ? { value, encoded } : undefined;
}
