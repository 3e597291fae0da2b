import { Buffer } from 'node:buffer';

/** An enhanced status code: class, subject, detail (RFC 3463 2). */
export type EnhancedCode = `${2 | 4 | 5}.${number}.${number}`;

/** A reply as a value. */
export interface Reply {
  /** The reply code, 200 to 599 (RFC 5321 4.2). */
  readonly code: number;
  /** What a `format` may put in front of each line (RFC 2034). */
  readonly enhanced?: EnhancedCode;
  /** The texts, one a line, without codes or line ends. */
  readonly lines: readonly string[];
  /** The connection ends once the reply was written. */
  readonly close?: boolean;
  /** The command itself asked for UTF-8 (RFC 6531 3.7.4.2): non-ASCII characters are written, not `?` in their place. */
  readonly utf8?: boolean;
  /** Written instead of the lines, in order. */
  readonly parts?: readonly Reply[];
}

/** RFC 5321 4.5.3.1.5: a reply line has at most 512 octets; "250-" and CRLF are six of them. */
const LONGEST_TEXT = 512 - 6;

const ENHANCED = /^[245]\.(?:0|[1-9]\d{0,2})\.(?:0|[1-9]\d{0,2})$/;
const PLAIN = /^[ -~]*$/;
const LINE_BREAK = /\r\n|[\r\n]/;
/** C0, DEL and C1, and the two separators that some readers of logs take for line ends. */
const CONTROLS = /[\0-\x1f\x7f-\x9f\u2028\u2029]/g;
const NOT_ASCII = /[^\0-\x7f]/gu;
const LONE_SURROGATE = /[\ud800-\udfff]/gu;

/**
 * Makes a frozen reply that is safe to write: a text with line breaks becomes several lines, another control character
 * becomes a space, no text at all becomes one empty line.
 *
 * Throws RangeError for a code outside 200 to 599, for an enhanced code that RFC 3463 2 doesn't allow, and for one whose
 * class isn't the code's.
 */
export function reply(code: number, enhanced: EnhancedCode | undefined, ...texts: string[]): Reply {
  if (!isCode(code)) throw new RangeError(`${code} is no reply code: use 200 to 599`);
  if (texts.length === 0) texts.push('');
  const lines = Object.freeze(texts.every(isPlain) ? texts : texts.flatMap(safeLines));
  if (enhanced === undefined) return Object.freeze({ code, lines });
  if (!ENHANCED.test(enhanced))
    throw new RangeError(`${enhanced} is no enhanced status code: give one, such as 5.1.1, or undefined`);
  if (enhanced.charCodeAt(0) - 48 !== Math.floor(code / 100)) {
    throw new RangeError(`${enhanced} is of another class than ${code}`);
  }
  return Object.freeze({ code, enhanced, lines });
}

/**
 * The reply as it is written: `250-one`, CRLF, `250 two`, CRLF. Its parts instead, in order, when it has any.
 *
 * No control character gets out but the CRLFs made here, even from a hand-made reply. Without `utf8`, the argument's or
 * its own, a non-ASCII character becomes `?`. A line beyond 512 octets is folded at a space, or cut where there is none
 * (RFC 5321 4.5.3.1.5); an enhanced code in front of it is repeated, as RFC 2034 3 wants. Not so in a 3xx: its text may be
 * a challenge, which has to stay whole (RFC 4954 4). A code that is none is written as 451.
 */
export function encodeReply(r: Reply, utf8: boolean): string {
  if (r.parts !== undefined && r.parts.length > 0) return r.parts.map((part) => encodeReply(part, utf8)).join('');
  const code = isCode(r.code) ? r.code : 451;
  const wide = utf8 || r.utf8 === true;
  const prefix = r.enhanced === undefined ? '' : `${r.enhanced} `;
  const texts = r.lines.every(fits)
    ? r.lines
    : r.lines.flatMap(safeLines).flatMap((line) => {
        const text = wide ? line.replace(LONE_SURROGATE, '\ufffd') : line.replace(NOT_ASCII, '?');
        return code >= 300 && code < 400 ? text : fold(text, prefix);
      });
  const last = Math.max(texts.length - 1, 0);
  let encoded = '';
  for (let n = 0; n < last; n += 1) encoded += `${code}-${texts[n]}\r\n`;
  return `${encoded}${code} ${texts[last] ?? ''}\r\n`;
}

/** Whether a text can be written as it is. */
function fits(text: string): boolean {
  return isPlain(text) && text.length <= LONGEST_TEXT;
}

function isCode(code: number): boolean {
  return Number.isInteger(code) && code >= 200 && code <= 599;
}

function isPlain(text: string): boolean {
  return typeof text === 'string' && PLAIN.test(text);
}

/** What a plain JavaScript plugin put among the lines may be no string. */
function safeLines(text: unknown): string[] {
  const lines = String(text).split(LINE_BREAK);
  return lines.map((line) => line.replace(CONTROLS, ' '));
}

/** Cuts a text into pieces of at most `LONGEST_TEXT` octets, each but the first behind `prefix` if the first is. */
function fold(text: string, prefix: string): string[] {
  // A UTF-16 unit has at most three octets of UTF-8.
  if (text.length * 3 <= LONGEST_TEXT || Buffer.byteLength(text) <= LONGEST_TEXT) return [text];
  const repeated = text.startsWith(prefix) ? prefix : '';
  const octets = Buffer.from(text.slice(repeated.length));
  const room = LONGEST_TEXT - repeated.length;
  const pieces: string[] = [];
  let at = 0;
  while (octets.length - at > room) {
    const end = foldAt(octets, at, at + room);
    pieces.push(repeated + octets.toString('utf8', at, end));
    at = octets[end] === 0x20 ? end + 1 : end;
  }
  pieces.push(repeated + octets.toString('utf8', at));
  return pieces;
}

/** The last space in `(at, limit]`, or else the last place up to `limit` where no character is split. */
function foldAt(octets: Buffer, at: number, limit: number): number {
  const space = octets.subarray(at, limit + 1).lastIndexOf(0x20);
  if (space > 0) return at + space;
  let end = limit;
  while (((octets[end] as number) & 0xc0) === 0x80) end -= 1;
  return end;
}
