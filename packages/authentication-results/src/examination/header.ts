import type { Buffer } from 'node:buffer';
import type { ParsedField, ParsedHeaders } from '../mailauth.ts';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;

/**
 * Reads a header section as mailauth does, in one linear pass; its own takes time with the square of the lines. Every line
 * ends in CRLF, but perhaps the last. A line that begins no field belongs to the field above it, whatever it begins with:
 * so it can only make a signature fail, where readers who see a field of its own in it would be shown what nobody signed.
 * A name may be separated from its colon by white space and one fold (RFC 5322 4.5.8). `most`: fields that are read; of
 * more than that, one more is given.
 */
export function parseHeader(header: Buffer, most: number = Number.POSITIVE_INFINITY): ParsedHeaders {
  let end = header.length;
  while (end > 0 && isLineEnd(header[end - 1])) end -= 1;
  const parsed: ParsedField[] = [];
  let start = 0;
  for (let line = 0; line < end; line = nextLine(header, line, end)) {
    if (line === start || !beginsField(header, line, end)) continue;
    parsed.push(field(header, start, line - 2));
    if (parsed.length > most) return { parsed, original: header };
    start = line;
  }
  if (end > 0) parsed.push(field(header, start, end));
  return { parsed, original: header };
}

/** The field that begins at an octet of a header; of one that is longer than `most` octets, so many and one more. */
export function fieldAt(header: Buffer, start: number, most: number): ParsedField {
  const end = Math.min(header.length, start + most + 1);
  let line = nextLine(header, start, end);
  while (line < end && !beginsField(header, line, header.length)) line = nextLine(header, line, end);
  let behind = line;
  while (behind > start && isLineEnd(header[behind - 1])) behind -= 1;
  return field(header, start, behind);
}

/** Whether all of a header's lines end in CRLF, and no CR or LF is elsewhere; the last line may have no end. */
export function endsLinesInCrlf(header: Buffer): boolean {
  return !/\r(?!\n)|(?:^|[^\r])\n/.test(header.toString('latin1'));
}

function nextLine(header: Buffer, from: number, end: number): number {
  const lf = header.indexOf(LF, from);
  return lf === -1 ? end : Math.min(lf + 1, end);
}

/** RFC 5322 2.2: a name, and a colon, perhaps on the next line. */
function beginsField(header: Buffer, line: number, end: number): boolean {
  let at = line;
  while (at < end && isNameOctet(header[at])) at += 1;
  if (at === line) return false;
  at = skipBlanks(header, at, end);
  if (header[at] === CR && header[at + 1] === LF) at = skipBlanks(header, at + 2, end);
  return at < end && header[at] === COLON;
}

function skipBlanks(header: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && isBlank(header[at])) at += 1;
  return at;
}

function field(header: Buffer, start: number, end: number): ParsedField {
  const line = header.subarray(start, end);
  const colon = line.indexOf(COLON);
  const name = line.toString('latin1', 0, colon === -1 ? line.length : colon).replaceAll('\r\n', '');
  const casedKey = trimBlanks(name);
  return { key: lowerCase(casedKey), casedKey, line };
}

/** By octet: a pattern for white space at the end takes quadratic time on white space in the middle. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Of ASCII alone: other octets are parts of characters, not letters. */
function lowerCase(text: string): string {
  return /[^\0-\x7f]/.test(text) ? text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : text.toLowerCase();
}

/** RFC 5322 3.6.8 ftext. */
function isNameOctet(octet: number | undefined): boolean {
  return octet !== undefined && octet > SPACE && octet < 0x7f && octet !== COLON;
}

function isBlank(octet: number | undefined): boolean {
  return octet === SPACE || octet === TAB;
}

function isLineEnd(octet: number | undefined): boolean {
  return octet === CR || octet === LF;
}
