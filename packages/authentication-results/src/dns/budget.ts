import { Gate } from './gate.ts';

/** What one message may use up. */
export interface BudgetLimits {
  /** Milliseconds it may wait for the DNS, all in all; what it waits for several questions at once counts once. */
  readonly message: number;
  /** Questions it may ask, cached answers among them. */
  readonly questions: number;
  /** Questions it may have open at once. */
  readonly concurrentPerMessage: number;
}

/** What one message has used up. */
export class Budget {
  readonly gate: Gate;
  readonly #limits: BudgetLimits;
  #asked = 0;
  #waited = 0;
  #open = 0;
  #since = 0;

  constructor(limits: BudgetLimits) {
    this.#limits = limits;
    this.gate = new Gate(limits.concurrentPerMessage);
  }

  /** Counts a question; false when it is one too many. */
  ask(): boolean {
    this.#asked += 1;
    return this.#asked <= this.#limits.questions;
  }

  /** Milliseconds it may still wait. */
  left(now: number): number {
    return this.#limits.message - this.#waited - (this.#open > 0 ? now - this.#since : 0);
  }

  begin(now: number): void {
    if (this.#open === 0) this.#since = now;
    this.#open += 1;
  }

  end(now: number): void {
    this.#open -= 1;
    if (this.#open === 0) this.#waited += now - this.#since;
  }
}
