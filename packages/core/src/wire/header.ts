import { isUtf8, type Buffer } from 'node:buffer';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;

/** No line, so no name, may be longer (RFC 5322 2.1.1): what is can't keep a body from being seen. */
const LONGEST_NAME = 998;
const RECEIVED = 'received';

/** Where the octets read so far end. */
type State =
  /** Behind a line end, or at the very start. */
  | 'line-start'
  /** Behind a CR that began a line: the empty line, if an LF follows. */
  | 'empty-line'
  /** In what is a field's name if a colon follows. */
  | 'name'
  /** In white space between a name and its colon, which RFC 5322 4.5.8 tells to read. */
  | 'name-end'
  /** Behind the colon, or in a folded line. */
  | 'value'
  /** The header section has ended. */
  | 'done';

/**
 * Finds where the header section of a message ends, from the content as it comes, and counts on the way (RFC 5322 2.2).
 *
 * It ends at the empty line, or in front of the first line that is neither a field nor the fold of one: then, from that
 * line on, all is body. Keeps a few numbers, takes linear time, never throws. An LF ends a line with or without CR, as
 * readers further on would have it.
 */
export class HeaderScanner {
  #state: State = 'line-start';
  /** Octets of the chunks before this one. */
  #before = 0;
  /** Where the line and the field under way began, in all of the content. */
  #line = 0;
  #field = 0;
  /** What is known to be header, and where the body begins if nothing more comes. */
  #octets = 0;
  #end = 0;
  #longest = 0;
  #fields = 0;
  #received = 0;
  /** How much of "received" the name under way is, or -1. */
  #matched = 0;

  /** Whether the end of the header section was found: what is pushed from here on changes nothing. */
  get done(): boolean {
    return this.#state === 'done';
  }

  /** The octets of all fields so far, their line ends among them, without the empty line. */
  get octets(): number {
    return this.#octets;
  }

  /** Where the body begins, in octets from the start of the content; until done, if the content ended here. */
  get end(): number {
    return this.#end;
  }

  /** The octets of the longest field so far, its folds and line ends among them. */
  get longestField(): number {
    return this.#longest;
  }

  /** How many fields there are so far. */
  get fields(): number {
    return this.#fields;
  }

  /** How many of them are `Received:`, in any case. */
  get received(): number {
    return this.#received;
  }

  /** Looks at the next octets of the content. */
  push(chunk: Buffer): void {
    const length = chunk.length;
    let at = 0;
    while (at < length && this.#state !== 'done') {
      switch (this.#state) {
        case 'line-start':
          at = this.#beginLine(chunk[at] as number, at);
          break;
        case 'empty-line':
          this.#finish(chunk[at] === LF ? this.#line + 2 : this.#line);
          break;
        case 'name':
          at = this.#readName(chunk, at);
          break;
        case 'name-end':
          at = this.#endName(chunk[at] as number, at);
          break;
        case 'value':
          at = this.#skipLine(chunk, at);
          break;
      }
    }
    this.#before += length;
  }

  #beginLine(octet: number, at: number): number {
    this.#line = this.#before + at;
    if (isBlank(octet) && this.#fields > 0) this.#state = 'value';
    else if (octet === CR) {
      this.#state = 'empty-line';
      return at + 1;
    } else if (isNameOctet(octet)) {
      this.#state = 'name';
      this.#matched = 0;
    } else this.#finish(octet === LF ? this.#line + 1 : this.#line);
    return at;
  }

  #readName(chunk: Buffer, from: number): number {
    const stop = Math.min(chunk.length, this.#line - this.#before + LONGEST_NAME + 1);
    let at = from;
    for (; at < stop; at += 1) {
      const octet = chunk[at] as number;
      if (!isNameOctet(octet)) {
        this.#state = 'name-end';
        return at;
      }
      this.#matched = (octet | 0x20) === RECEIVED.charCodeAt(this.#matched) ? this.#matched + 1 : -1;
    }
    if (this.#before + at - this.#line > LONGEST_NAME) this.#finish(this.#line);
    return at;
  }

  #endName(octet: number, at: number): number {
    if (octet === COLON) {
      this.#state = 'value';
      this.#field = this.#line;
      this.#fields += 1;
      if (this.#matched === RECEIVED.length) this.#received += 1;
      this.#extend(at + 1);
    } else if (!isBlank(octet) || this.#before + at - this.#line >= LONGEST_NAME) this.#finish(this.#line);
    return at + 1;
  }

  #skipLine(chunk: Buffer, from: number): number {
    const lf = chunk.indexOf(LF, from);
    const at = lf === -1 ? chunk.length : lf + 1;
    if (lf !== -1) this.#state = 'line-start';
    this.#extend(at);
    return at;
  }

  #extend(at: number): void {
    this.#octets = this.#end = this.#before + at;
    this.#longest = Math.max(this.#longest, this.#octets - this.#field);
  }

  #finish(end: number): void {
    this.#state = 'done';
    this.#octets = this.#line;
    this.#end = end;
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
  for (;;) {
    let nameEnd = start;
    while (isNameOctet(header[nameEnd])) nameEnd += 1;
    let colon = nameEnd;
    while (isBlank(header[colon])) colon += 1;
    if (nameEnd === start || header[colon] !== COLON || colon - start > LONGEST_NAME) return;
    let end = colon;
    do {
      const lf = header.indexOf(LF, end);
      end = lf === -1 ? header.length : lf + 1;
    } while (isBlank(header[end]));
    yield { name: header.toString('latin1', start, nameEnd), start, end, value: unfold(header, colon + 1, end) };
    start = end;
  }
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
