import type { Clock } from './clock.ts';
import type { Scope } from './scope.ts';

/** Whose time runs: of runs within runs only the innermost's, and nobody's while the client is waited for. */
export class Stopwatch {
  /** The innermost run; each knows the one around it. */
  #run: Scope | undefined = undefined;
  readonly #clock: Clock;
  #waiting = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  enter(scope: Scope): void {
    scope.around = this.#run;
    this.#run = scope;
  }

  leave(scope: Scope): void {
    // A run that nobody waited for goes on, and so does its time.
    let inner: Scope | undefined;
    let run = this.#run;
    while (run && run !== scope) [inner, run] = [run, run.around];
    if (inner && run) inner.around = scope.around;
    else if (run) this.#run = scope.around;
    scope.around = undefined;
    // Who was done at once took no time that a tick could have seen.
    if (scope.enteredAt >= 0) this.#extend(scope.enteredAt);
  }

  /**
   * Stands still while the client is waited for, from what this gives to `resume`. A prologue's time goes on: whom it
   * waits for has not been asked for anything.
   */
  pause(): number {
    this.#waiting = this.#run?.stage !== 'prologue';
    return this.#clock.elapsed();
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
    for (let run = this.#run; run; run = run.around) run.abandon(reason);
  }

  tick(now: number): void {
    const run = this.#run;
    if (run && !this.#waiting && now >= run.expiresAt) run.expire(new Error(`the deadline of ${run.stage} passed`));
  }

  #extend(since: number): void {
    const run = this.#run;
    if (run) run.expiresAt += this.#clock.elapsed() - since;
  }
}
