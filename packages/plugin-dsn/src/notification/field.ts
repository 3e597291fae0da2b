import { Buffer } from 'node:buffer';

/** A line end, or any of C0, DEL, C1, and two separators that some readers take for one. */
const CONTROLS = /\r\n|[\0-\x1f\x7f-\x9f\u2028\u2029]/g;
const LONE_SURROGATE = /[\ud800-\udfff]/gu;
const NOT_ASCII = /[^\0-\x7f]/gu;

/** What a field's value may have of octets: with its name it stays within a line (RFC 5322 2.1.1). */
const LONGEST = 900;

/**
 * One line of a stranger's text: a control character, CR and LF first of all, becomes a space; without `utf8` what is
 * beyond ASCII becomes `?`; what is over 900 octets is cut.
 */
export function oneLine(text: string, utf8: boolean): string {
  const line = text.replace(CONTROLS, ' ');
  return clip(utf8 ? line.replace(LONE_SURROGATE, '\ufffd') : line.replace(NOT_ASCII, '?'));
}

/** `Name: value` with CRLF, in one line whatever the value is. */
export function field(name: string, value: string, utf8: boolean): string {
  return `${name}: ${oneLine(value, utf8).trim()}\r\n`;
}

/** A time in milliseconds since 1970 as RFC 5322 3.3 has it, in UTC with its numeric zone (RFC 3464 2.2.5). */
export function dateTime(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) throw new RangeError(`${ms} is no time in milliseconds`);
  // "GMT", which toUTCString ends in, is a zone of the obsolete grammar.
  return `${date.toUTCString().slice(0, -3)}+0000`;
}

function clip(line: string): string {
  if (line.length * 3 <= LONGEST || Buffer.byteLength(line) <= LONGEST) return line;
  const octets = Buffer.from(line);
  let end = LONGEST;
  // Not within a character.
  while (((octets[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return octets.toString('utf8', 0, end);
}
