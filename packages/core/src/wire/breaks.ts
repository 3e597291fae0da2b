import type { Buffer } from 'node:buffer';

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const LOW = 0x0e0e0e0e;
const TOP_BITS = 0x80808080;

/** Below this many octets a view costs more than it saves. */
const WORTH_A_VIEW = 64;
const NO_WORDS = new Int32Array(0);

/**
 * Finds CR and LF, whichever comes first, in a run of octets.
 *
 * `Buffer.indexOf` looks for one octet: a line would take two calls into native code, and a body of empty lines nothing
 * but calls. This looks at four octets at a time: half as fast again for lines of 76, five times for empty ones.
 */
export class LineBreaks {
  readonly #octets: Buffer;
  /** The same octets from `#skew` on, four by four. */
  readonly #words: Int32Array;
  readonly #skew: number;

  constructor(octets: Buffer) {
    this.#octets = octets;
    // A view must begin at a multiple of its element's size.
    this.#skew = -octets.byteOffset & 3;
    this.#words =
      octets.length < WORTH_A_VIEW
        ? NO_WORDS
        : new Int32Array(octets.buffer, octets.byteOffset + this.#skew, (octets.length - this.#skew) >> 2);
  }

  /** The first index at or behind `from` that holds CR or LF; the length when there is none. Linear. */
  next(from: number): number {
    return this.#find(from, false);
  }

  /**
   * The same, but whole lines are passed over: a CRLF is not found unless a dot, or nothing yet, stands right behind it.
   * Most bodies are passed over whole, which is what makes a large message cheap.
   */
  nextBeyondLines(from: number): number {
    return this.#find(from, true);
  }

  #find(from: number, beyondLines: boolean): number {
    const octets = this.#octets;
    const words = this.#words;
    const skew = this.#skew;
    const end = octets.length;
    let at = from;
    while (at < end) {
      // Octet by octet up to a word, then word by word up to one that holds a low octet, which is looked at closer.
      let word = (at - skew + 3) >> 2;
      if (at === skew + (word << 2)) {
        word = firstLow(words, word);
        at = skew + (word << 2);
        word += 1;
      }
      const stop = word <= words.length ? skew + (word << 2) : end;
      while (at < stop) {
        const octet = octets[at];
        if (octet === LF) return at;
        if (octet !== CR) at += 1;
        else if (!beyondLines || octets[at + 1] !== LF || at + 2 >= end || octets[at + 2] === DOT) return at;
        else at += 2;
      }
    }
    return end;
  }
}

/** The first word from `from` on that holds an octet below 0x0e, or the end. */
function firstLow(words: Int32Array, from: number): number {
  const end = words.length;
  let n = from;
  // Sets the top bit of each octet below 0x0e. One that borrowed may be marked too: it costs a closer look.
  while (n + 3 < end) {
    const a = words[n] as number;
    const b = words[n + 1] as number;
    const c = words[n + 2] as number;
    const d = words[n + 3] as number;
    const low = ((a - LOW) & ~a) | ((b - LOW) & ~b) | ((c - LOW) & ~c) | ((d - LOW) & ~d);
    if ((low & TOP_BITS) !== 0) break;
    n += 4;
  }
  while (n < end) {
    const word = words[n] as number;
    if (((word - LOW) & ~word & TOP_BITS) !== 0) return n;
    n += 1;
  }
  return Math.max(from, end);
}
