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

  /** The source is overwritten from here on. */
  constructor(source: Buffer) {
    this.#source = source;
    this.#target = source;
  }

  /** Keeps what lies before `at` and was neither kept nor left out yet. */
  keep(at: number): void {
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

  /** Leaves out what lies before `at` and was not kept. */
  leaveOut(at: number): void {
    this.#done = at;
  }

  /** Puts an octet in, behind what was kept. */
  put(octet: number): void {
    if (this.#target === this.#source) {
      // At most two octets for each one that is left, and two in front: what a bare CR or LF becomes.
      const room = this.#written + 2 * (this.#source.length - this.#done) + 2;
      this.#target = Buffer.allocUnsafe(room);
      this.#source.copy(this.#target, 0, 0, this.#written);
    }
    this.#target[this.#written] = octet;
    this.#written += 1;
  }

  /** What was kept and put in; the rest of the source is left out. */
  finish(): Buffer {
    return this.#target.subarray(0, this.#written);
  }
}
