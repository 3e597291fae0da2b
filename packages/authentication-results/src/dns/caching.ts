import type { Clock } from '@maitred/core';
import { LRUCache } from 'lru-cache';
import type { Answers, Dns, RecordType, Resolver } from '../tokens.ts';
import { Budget, type BudgetLimits } from './budget.ts';
import { failure } from './failure.ts';
import { Gate } from './gate.ts';
import { askable } from './name.ts';
import { cancelled, isVoid, outcomeOf, timedOut, weightOf, type Outcome } from './outcome.ts';
import { patiently } from './patience.ts';

/** What the DNS may cost; milliseconds where it is time. */
export interface DnsLimits extends BudgetLimits {
  /** How long an answer is kept. Fixed: Node tells no TTL of most types. */
  readonly lifetime: number;
  /** How long it is kept that there is no such name or record. */
  readonly voidLifetime: number;
  /** Octets, about, of all answers that are kept. */
  readonly cache: number;
  /** How long one question may take, waiting for its turn included. Then `ETIMEOUT`. */
  readonly query: number;
  /** Questions that are open at once, for all messages; others wait. */
  readonly concurrent: number;
}

/** The limits a resolver has when nothing else is said. */
export const defaultDnsLimits: DnsLimits = {
  lifetime: 300_000,
  voidLifetime: 30_000,
  cache: 8 * 1024 * 1024,
  query: 5_000,
  message: 20_000,
  questions: 400,
  concurrent: 512,
  concurrentPerMessage: 8,
};

/** The limits with some set. Throws RangeError, naming it, for one that is no number above 0 (a lifetime may be 0). */
export function dnsLimitsOf(set: Partial<DnsLimits>): DnsLimits {
  for (const [name, value] of Object.entries(set)) {
    const least = name === 'lifetime' || name === 'voidLifetime' ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < least) {
      throw new RangeError(`${name} is a whole number, at least ${least}, not ${String(value)}`);
    }
  }
  return { ...defaultDnsLimits, ...set };
}

/** Asks `ask` for what it doesn't know: nothing twice at once, nothing again while its answer is kept. */
export class CachingDns implements Dns, Disposable {
  readonly #clock: Clock;
  readonly #ask: Resolver;
  readonly #limits: DnsLimits;
  readonly #kept: LRUCache<string, { readonly outcome: Outcome; readonly until: number }>;
  readonly #flights = new Map<string, Promise<Outcome>>();
  readonly #gate: Gate;
  readonly #resolvers = new WeakMap<AbortSignal, Resolver>();
  readonly #closing = new AbortController();
  readonly #release: () => void;

  /** `release`: called at the end; what `ask` still waits for is wanted no more. */
  constructor(clock: Clock, ask: Resolver, limits: DnsLimits, release: () => void = () => {}) {
    this.#clock = clock;
    this.#ask = ask;
    this.#limits = limits;
    this.#release = release;
    this.#gate = new Gate(limits.concurrent);
    this.#kept = new LRUCache({
      maxSize: limits.cache,
      sizeCalculation: ({ outcome }, question) => weightOf(question, outcome),
    });
  }

  within(signal: AbortSignal): Resolver {
    const resolver = this.#resolvers.get(signal) ?? this.#resolver(signal);
    this.#resolvers.set(signal, resolver);
    return resolver;
  }

  /** Ends what is open: `ECANCELLED`. */
  [Symbol.dispose](): void {
    this.#closing.abort();
    this.#release();
  }

  #resolver(signal: AbortSignal): Resolver {
    const budget = new Budget(this.#limits);
    return async <T extends RecordType>(name: string, type: T): Promise<Answers[T]> => {
      const plain = askable(name);
      if (plain === undefined) throw failure('EBADNAME', name, type);
      if (!budget.ask()) throw failure('ELIMIT', name, type);
      const outcome = signal.aborted
        ? cancelled
        : (this.#known(`${type} ${plain}`) ?? (await this.#wait(plain, type, signal, budget)));
      if ('code' in outcome) throw failure(outcome.code, name, type);
      return copied(outcome.answer) as Answers[T];
    };
  }

  #known(question: string): Outcome | undefined {
    const kept = this.#kept.get(question);
    return kept && kept.until > this.#clock.now() ? kept.outcome : undefined;
  }

  async #wait(name: string, type: RecordType, signal: AbortSignal, budget: Budget): Promise<Outcome> {
    const left = Math.min(this.#limits.query, budget.left(this.#clock.now()));
    if (left <= 0) return timedOut;
    budget.begin(this.#clock.now());
    try {
      return await patiently(this.#clock, left, signal, async (patience) =>
        (await budget.gate.hold(patience)) ? this.#flight(name, type) : cancelled,
      );
    } finally {
      budget.end(this.#clock.now());
    }
  }

  /** Belongs to no message: it goes on when the one that began it has gone, because others may have joined. */
  #flight(name: string, type: RecordType): Promise<Outcome> {
    const question = `${type} ${name}`;
    const under = this.#flights.get(question);
    if (under) return under;
    const begun = this.#land(question, this.#fly(name, type));
    this.#flights.set(question, begun);
    return begun;
  }

  #fly(name: string, type: RecordType): Promise<Outcome> {
    return patiently(this.#clock, this.#limits.query, this.#closing.signal, async (patience) =>
      (await this.#gate.hold(patience)) ? outcomeOf(this.#ask, name, type) : cancelled,
    );
  }

  async #land(question: string, flight: Promise<Outcome>): Promise<Outcome> {
    const outcome = await flight;
    this.#flights.delete(question);
    // What went wrong for a moment is not kept.
    const kept = isVoid(outcome) ? this.#limits.voidLifetime : 'code' in outcome ? 0 : this.#limits.lifetime;
    if (kept > 0) this.#kept.set(question, { outcome, until: this.#clock.now() + kept });
    return outcome;
  }
}

/** mailauth sorts and marks what it gets. */
function copied(answer: Answers[RecordType]): unknown[] {
  return answer.map((record) =>
    typeof record === 'string' ? record : 'exchange' in record ? { ...record } : [...record],
  );
}
