import { Buffer } from 'node:buffer';
import type { Property, Resinfo } from '../results.ts';

/** How results are written. */
export interface WriteOptions {
  /** Whether the header may hold UTF-8 (RFC 6532). Without it a value of it is left out. Default: false. */
  readonly utf8?: boolean;
}

/** A property whose value takes more octets is left out: cut short it would say something else, and a line ends at 998. */
const longestValue = 512;
/** A reason or a comment is cut there; octets. */
const longestText = 256;
/** RFC 5322 2.1.1: what a line should have at most. */
const lineLength = 78;

/**
 * What an `Authentication-Results` field says behind its name (`authres-payload`, RFC 8601 2.2), folded: the authserv-id,
 * then the results in the order given. Whatever values, reasons and comments hold, it stays what it is: they are quoted;
 * a value that can't be written as it is (control characters, line ends, overlong) is left out with its property, a text is
 * cut and cleared.
 *
 * Throws RangeError for an authserv-id or a keyword (method, result, ptype, property) that the grammar doesn't have.
 */
export function writeResults(
  authservId: string,
  results: readonly Resinfo[],
  { utf8 = false }: WriteOptions = {},
): string {
  const id = valueOf(authservId, utf8);
  if (id === undefined || authservId === '') throw new RangeError(`no authserv-id: ${JSON.stringify(authservId)}`);
  if (results.length === 0) return `${id}; none`;
  return [id, ...results.map((one) => folded(wordsOf(one, utf8)))].join(';\r\n\t');
}

function wordsOf({ method, result, reason, comment, properties }: Resinfo, utf8: boolean): string[] {
  return [
    `${keyword(method)}=${keyword(result)}`,
    ...(comment ? [`(${clear(comment, utf8, /[()\\]/g)})`] : []),
    ...(reason
      ? [`reason=${token.test(reason) ? reason.slice(0, longestText) : quote(clear(reason, utf8, special))}`]
      : []),
    ...properties.flatMap((property) => propertyOf(property, utf8) ?? []),
  ];
}

function propertyOf({ ptype, property, value }: Property, utf8: boolean): string | undefined {
  const name = `${keyword(ptype)}.${keyword(property)}`;
  const written = valueOf(value, utf8);
  return written === undefined ? undefined : `${name}=${written}`;
}

/** `value` and `pvalue`: as it is where the grammar has it, else a quoted-string; undefined where that can't be. */
function valueOf(value: string, utf8: boolean): string | undefined {
  if (value.search(utf8 ? controls : others) !== -1) return undefined;
  const written = token.test(value) || address.test(value) ? value : quote(value.replace(special, String.raw`\$&`));
  return Buffer.byteLength(written) > longestValue ? undefined : written;
}

/** A text of anybody's, on one line, at most so long, what is special escaped. */
function clear(text: string, utf8: boolean, special: RegExp): string {
  // What can't matter any more isn't looked at.
  const plain = text.slice(0, longestText).replace(utf8 ? controls : others, '?');
  // Most often there is nothing to be done.
  if (plain.search(special) === -1 && plain.search(beyondAscii) === -1) return plain;
  let kept = '';
  for (const character of plain) {
    const written = character.replace(special, String.raw`\$&`);
    if (Buffer.byteLength(kept) + Buffer.byteLength(written) > longestText) break;
    kept += written;
  }
  return kept;
}

const quote = (escaped: string): string => `"${escaped}"`;

const special = /["\\]/g;

/** Controls, what some take for line ends, halves of characters. */
const controls = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** The same, and UTF-8 where it isn't spoken. */
const others = /[^ -~]/gu;
const beyondAscii = /[^\0-\x7f]/;

/** RFC 2045 5.1. */
const token = /^[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+$/;

/** `[ [ local-part ] "@" ] domain-name` (RFC 8601 2.2), of local-parts the dot-atom. */
const address = new RegExp(
  String.raw`^(?:[\w!#$%&'*+\-/=?^{|}~\x60]+(?:\.[\w!#$%&'*+\-/=?^{|}~\x60]+)*)?@` +
    String.raw`[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$`,
);

function keyword(text: string): string {
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(text)) {
    throw new RangeError(`no keyword (RFC 8601 2.2): ${JSON.stringify(text.slice(0, 60))}`);
  }
  return text;
}

function folded(words: readonly string[]): string {
  let line = 8; // a tab
  return words
    .map((word, at) => {
      const fits = at === 0 || line + 1 + word.length < lineLength;
      line = fits ? line + 1 + word.length : 8 + word.length;
      return at === 0 ? word : `${fits ? ' ' : '\r\n\t'}${word}`;
    })
    .join('');
}
