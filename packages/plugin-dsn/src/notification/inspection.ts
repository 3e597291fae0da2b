import { Buffer, isAscii } from 'node:buffer';
import type { Original } from './report.ts';

/** What there is to know of content before it can be a part of a message. */
export interface Inspection {
  /** The header section, at most as long as was asked for, cut behind a line. */
  readonly header: Buffer;
  /** Whether everything was read; false where it is larger than was asked for. */
  readonly whole: boolean;
  /** Whether an octet is beyond ASCII. */
  readonly eightBit: boolean;
  /** Whether it is no text: a NUL, a bare CR or LF, or a line beyond 998 octets (RFC 2045 2.8). */
  readonly binary: boolean;
}

const LONGEST_LINE = 998;
const NUL = 0x00;
const LF = 0x0a;
const CR = 0x0d;

/** What octets are, told of a run of them or of many, in order. */
export class Octets {
  eightBit = false;
  #binary = false;
  /** Whether the last octet was a CR. */
  #cr = false;
  /** Octets since the last LF. */
  #line = 0;

  /** No text; asked once everything was seen. */
  get binary(): boolean {
    return this.#binary || this.#cr || this.#line > LONGEST_LINE;
  }

  see(chunk: Uint8Array): this {
    if (chunk.length === 0) return this;
    this.eightBit ||= !isAscii(chunk);
    this.#binary ||= chunk.includes(NUL) || this.#bareCr(chunk) || this.#badLine(chunk);
    this.#cr = chunk.at(-1) === CR;
    this.#line = chunk.length - (chunk.lastIndexOf(LF) + 1) + (chunk.includes(LF) ? 0 : this.#line);
    return this;
  }

  #bareCr(chunk: Uint8Array): boolean {
    if (this.#cr && chunk[0] !== LF) return true;
    const last = chunk.length - 1;
    for (let at = chunk.indexOf(CR); at !== -1 && at < last; at = chunk.indexOf(CR, at + 1)) {
      if (chunk[at + 1] !== LF) return true;
    }
    return false;
  }

  /** Whether an LF is bare, or what is before it and its CR too long. */
  #badLine(chunk: Uint8Array): boolean {
    let start = -this.#line;
    for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, start)) {
      const ended = at > 0 ? chunk[at - 1] === CR : this.#cr;
      if (!ended || at - 1 - start > LONGEST_LINE) return true;
      start = at + 1;
    }
    return false;
  }
}

/**
 * Reads content up to `maximum` octets, keeps the first `header` octets of it and nothing else. With a `maximum` of 0 it
 * reads no more than that.
 */
export async function inspect(
  content: NonNullable<Original['content']>,
  { header, maximum }: { readonly header: number; readonly maximum: number },
): Promise<Inspection> {
  const octets = new Octets();
  const start: Uint8Array[] = [];
  let kept = 0;
  let size = 0;
  for await (const chunk of content()) {
    size += chunk.length;
    if (kept < header) {
      const piece = chunk.subarray(0, header - kept);
      start.push(piece);
      kept += piece.length;
    }
    if (size <= maximum) octets.see(chunk);
    else if (kept >= header) break;
  }
  const { eightBit, binary } = octets;
  return { header: headerSection(Buffer.concat(start), size <= header), whole: size <= maximum, eightBit, binary };
}

/** What comes before the empty line, or the first line that is neither a field nor the fold of one (RFC 5322 2.2). */
export function headerSection(start: Buffer, whole: boolean): Buffer {
  let at = 0;
  for (;;) {
    const lf = start.indexOf(LF, at);
    const end = lf === -1 ? start.length : lf + 1;
    // A line that goes on beyond what is known is left out.
    if (at === end || (lf === -1 && !whole)) return start.subarray(0, at);
    const folds = at > 0 && (start[at] === 0x20 || start[at] === 0x09);
    if (!folds && !FIELD.test(start.toString('latin1', at, Math.min(end, at + LONGEST_LINE))))
      return start.subarray(0, at);
    at = end;
  }
}

const FIELD = /^[!-9;-~]+[ \t]*:/;
