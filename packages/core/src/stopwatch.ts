import type { Clock } from './clock.ts';
import type { Scope } from './scope.ts';

/** Whose time runs: of runs within runs only the innermost's, and nobody's while the client is waited for. */
export class Stopwatch {
  readonly #runs: Scope[] = [];
  readonly #clock: Clock;
  #waiting = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  enter(scope: Scope): void {
    this.#runs.push(scope);
  }

  leave(scope: Scope): void {
    // A run that nobody waited for goes on, and so does its time.
    if (this.#runs.at(-1) === scope) this.#runs.pop();
    else if (this.#runs.includes(scope)) this.#runs.splice(this.#runs.lastIndexOf(scope), 1);
    // Who was done at once took no time that a tick could have seen.
    if (scope.enteredAt > 0) this.#extend(scope.enteredAt);
  }

  /**
   * Stands still while the client is waited for, from what this gives to `resume`. A prologue's time goes on: whom it
   * waits for has not been asked for anything.
   */
  pause(): number {
    this.#waiting = this.#runs.at(-1)?.stage !== 'prologue';
    return this.#clock.now();
  }

  resume(since: number): void {
    if (this.#waiting) this.#extend(since);
    this.#waiting = false;
  }

  /** The same around something that is waited for. */
  async waiting<T>(wait: () => Promise<T>): Promise<T> {
    const since = this.pause();
    try {
      return await wait();
    } finally {
      this.resume(since);
    }
  }

  /** The client is gone: nobody waits for a run longer than a grace. */
  abandon(reason: unknown): void {
    for (const run of this.#runs) run.abandon(reason);
  }

  tick(now: number): void {
    const run = this.#runs.at(-1);
    if (run && !this.#waiting && now >= run.expiresAt) run.expire(new Error(`the deadline of ${run.stage} passed`));
  }

  #extend(since: number): void {
    const run = this.#runs.at(-1);
    if (run) run.expiresAt += this.#clock.now() - since;
  }
}
