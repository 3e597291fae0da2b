import { Buffer } from 'node:buffer';

/** A shorter run is moved faster here than by a call into native code. */
const WORTH_A_CALL = 24;

/**
 * A run of octets with some left out and some put in, made in one pass from front to back.
 *
 * What stays is moved within the run itself, so that a body full of dots becomes neither thousands of slices nor a
 * second buffer; only when something is put in, a second buffer takes over. No octet is moved more than once in either.
 */
export class Rewrite {
  readonly #source: Buffer;
  #target: Buffer;
  #written = 0;
  /** What of the source was dealt with. */
  #done = 0;

  /** The source is overwritten from the first octet that is left out. */
  constructor(source: Buffer) {
    this.#source = source;
    this.#target = source;
  }

  /** Leaves the octet at `at` out, and keeps what lies before it and was not left out. */
  leaveOut(at: number): void {
    this.#keep(at);
    this.#done = at + 1;
  }

  /** Puts an octet in before `at`, behind all that was kept or put in there. */
  putIn(octet: number, at: number): void {
    this.#keep(at);
    if (this.#target === this.#source) {
      // At most two octets for each one that is left, and two in front: what a bare CR or LF becomes.
      const room = this.#written + 2 * (this.#source.length - this.#done) + 2;
      this.#target = Buffer.allocUnsafe(room);
      this.#source.copy(this.#target, 0, 0, this.#written);
    }
    this.#target[this.#written] = octet;
    this.#written += 1;
  }

  /** What became of the source up to `end`: the source itself if it is all there. */
  finish(end: number): Buffer {
    this.#keep(end);
    const source = this.#source;
    const untouched = this.#target === source && this.#written === source.length;
    return untouched ? source : this.#target.subarray(0, this.#written);
  }

  #keep(at: number): void {
    const from = this.#done;
    const length = at - from;
    const to = this.#written;
    this.#done = at;
    this.#written = to + length;
    const source = this.#source;
    const target = this.#target;
    if (target === source && from === to) return;
    if (length < WORTH_A_CALL) {
      for (let n = 0; n < length; n += 1) target[to + n] = source[from + n] as number;
    } else if (target === source) source.copyWithin(to, from, at);
    else source.copy(target, to, from, at);
  }
}
