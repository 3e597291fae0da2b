import { Buffer } from 'node:buffer';
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
const LF = 0x0a;
const CR = 0x0d;

/** What octets are, told of a run of them or of many, in order. */
export class Octets {
  eightBit = false;
  #bare = false;
  #cr = false;
  #line = 0;
  #longest = 0;

  /** No text; asked once everything was seen. */
  get binary(): boolean {
    return this.#bare || this.#cr || Math.max(this.#longest, this.#line) > LONGEST_LINE;
  }

  see(chunk: Uint8Array): this {
    // In variables: this is the loop that reads every octet.
    let [bits, bare, cr, line, longest] = [0, this.#bare, this.#cr, this.#line, this.#longest];
    for (const octet of chunk) {
      bits |= octet;
      if (octet > CR) {
        line += 1;
        bare ||= cr;
        cr = false;
      } else {
        bare ||= octet === 0 || cr !== (octet === LF);
        cr = octet === CR;
        if (octet === LF) {
          longest = Math.max(longest, line);
          line = 0;
        } else if (!cr) line += 1;
      }
    }
    this.eightBit ||= bits > 0x7f;
    [this.#bare, this.#cr, this.#line, this.#longest] = [bare, cr, line, longest];
    return this;
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
