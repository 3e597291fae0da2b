import { Buffer, isUtf8 } from 'node:buffer';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;

/** No line, so no name, may be longer (RFC 5322 2.1.1): what is can't keep a body from being seen. */
const LONGEST_NAME = 998;
const RECEIVED = 'received';

/**
 * Finds where the header section of a message ends, from the content as it comes, and counts on the way (RFC 5322 2.2).
 *
 * It ends at the empty line, or in front of the first line that is neither a field nor the fold of one: then, from that
 * line on, all is body. Keeps a few numbers and, between chunks, the start of a line up to its colon; takes linear time,
 * never throws. An LF ends a line with or without CR, as readers further on would have it.
 */
export class HeaderScanner {
  /** Whether the end of the header section was found: what is pushed from here on changes nothing. */
  done = false;
  /** The octets of all fields so far, their line ends among them, without the empty line. */
  octets = 0;
  /** Where the body begins, in octets from the start of the content; until done, if the content ended here. */
  end = 0;
  /** The octets of the longest field so far, its folds and line ends among them. */
  longestField = 0;
  /** How many fields there are so far. */
  fields = 0;
  /** How many of them are `Received:`, in any case. */
  received = 0;
  /** Where the field under way began, in all of the content. */
  #field = 0;
  /** Whether what comes next belongs to a line that is header. */
  #inLine = false;
  /** The start of a line that is too short yet to tell what it is. */
  #start: Buffer | undefined;

  /** Looks at the next octets of the content. */
  push(chunk: Buffer): void {
    if (this.done) return;
    const octets = this.#start ? Buffer.concat([this.#start, chunk]) : chunk;
    const seen = this.#start?.length ?? 0;
    let at = 0;
    while (at < octets.length && (this.#inLine || this.#beginLine(octets, at, seen))) {
      const end = lineEnd(octets, at);
      this.#inLine = octets[end - 1] !== LF;
      this.octets = this.end = this.octets + end - at;
      this.longestField = Math.max(this.longestField, this.octets - this.#field);
      at = end;
    }
    this.#start = this.done || at === octets.length ? undefined : Buffer.from(octets.subarray(at));
  }

  /** Whether the line at `at` is known to be header. */
  #beginLine(octets: Buffer, at: number, seen: number): boolean {
    const line = lineAt(octets, at, seen);
    if (line === 'fold' && this.fields > 0) return true;
    if (line === 'field') {
      this.#field = this.octets;
      this.fields += 1;
      if (isReceived(octets, at)) this.received += 1;
      return true;
    }
    if (line === 'empty') this.end += lineEnd(octets, at) - at;
    this.done = line !== undefined;
    return false;
  }
}

/** A field of a header section. */
export interface HeaderField {
  /** As written, without white space before the colon. */
  readonly name: string;
  /** Where it begins and, behind its last line end, ends: octets from the start of the header. */
  readonly start: number;
  readonly end: number;
  /** Unfolded, without white space around it; never CR or LF, but perhaps other controls. UTF-8, or else latin1. */
  readonly value: string;
}

/** The fields of a header section, in order, read as {@link HeaderScanner} does: what is no field ends it. */
export function* fields(header: Buffer): Iterable<HeaderField> {
  let start = 0;
  while (lineAt(header, start) === 'field') {
    const colon = header.indexOf(COLON, start);
    let end = lineEnd(header, colon);
    while (isBlank(header[end])) end = lineEnd(header, end);
    const name = header.toString('latin1', start, colon).trimEnd();
    yield { name, start, end, value: unfold(header, colon + 1, end) };
    start = end;
  }
}

/**
 * What the line at `start` is, going by how it begins; undefined while its octets don't tell, which those in front of
 * `seen` are known not to do.
 */
function lineAt(octets: Buffer, start: number, seen = 0): 'field' | 'fold' | 'empty' | 'body' | undefined {
  const first = octets[start];
  if (isBlank(first)) return 'fold';
  if (first === LF || (first === CR && octets[start + 1] === LF)) return 'empty';
  if (first === CR) return start + 1 === octets.length ? undefined : 'body';
  if (!isNameOctet(first)) return 'body';
  const end = Math.min(octets.length, start + LONGEST_NAME);
  // The last octet seen tells whether it is in the name or behind it.
  let at = Math.max(start, seen - 1);
  while (at < end && isNameOctet(octets[at])) at += 1;
  // RFC 5322 4.5.8 tells to read white space between a name and its colon.
  while (at < end && isBlank(octets[at])) at += 1;
  if (at === octets.length) return undefined;
  return octets[at] === COLON ? 'field' : 'body';
}

/** Behind the LF of the line at `at`, or behind its last octet if none has come. */
function lineEnd(octets: Buffer, at: number): number {
  const lf = octets.indexOf(LF, at);
  return lf === -1 ? octets.length : lf + 1;
}

/** Whether the name of the field at `at` is Received. */
function isReceived(octets: Buffer, at: number): boolean {
  for (let n = 0; n < RECEIVED.length; n += 1) {
    if (((octets[at + n] as number) | 0x20) !== RECEIVED.charCodeAt(n)) return false;
  }
  return !isNameOctet(octets[at + RECEIVED.length]);
}

/** RFC 5322 2.2.3. */
function unfold(header: Buffer, from: number, to: number): string {
  let start = from;
  let end = to;
  // By octet: a pattern for white space at the end takes quadratic time on white space in the middle.
  while (start < end && isWhite(header[start])) start += 1;
  while (end > start && isWhite(header[end - 1])) end -= 1;
  const value = header.subarray(start, end);
  return value.toString(isUtf8(value) ? 'utf8' : 'latin1').replace(/[\r\n]+/g, '');
}

/** RFC 5322 3.6.8 ftext. */
function isNameOctet(octet: number | undefined): boolean {
  return octet !== undefined && octet > SPACE && octet < 0x7f && octet !== COLON;
}

function isBlank(octet: number | undefined): boolean {
  return octet === SPACE || octet === TAB;
}

function isWhite(octet: number | undefined): boolean {
  return isBlank(octet) || octet === CR || octet === LF;
}
