import { statfs } from 'node:fs/promises';
import type { Clock } from '@maitred/core';

/** How long an answer holds, in milliseconds: what many senders ask at once is asked of the disk once. */
const holds = 1000;

/** Tells whether a folder's disk has room left for somebody who is not root. */
export class FreeSpace {
  readonly #path: string;
  readonly #minimum: number;
  readonly #clock: Clock;
  #asked = Number.NEGATIVE_INFINITY;
  #answer: Promise<boolean> = Promise.resolve(true);

  /** `minimum`: octets. */
  constructor(path: string, minimum: number, clock: Clock) {
    this.#path = path;
    this.#minimum = minimum;
    this.#clock = clock;
  }

  /** Rejects as `statfs` does: no such folder. */
  enough(): Promise<boolean> {
    const now = this.#clock.elapsed();
    if (now - this.#asked >= holds) {
      this.#asked = now;
      this.#answer = this.#ask();
    }
    return this.#answer;
  }

  async #ask(): Promise<boolean> {
    const { bavail, bsize } = await statfs(this.#path);
    return bavail * bsize >= this.#minimum;
  }
}
