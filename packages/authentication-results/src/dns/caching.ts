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

/**
 * The limits with some set. Throws RangeError, naming it, for one that there isn't, or that is no number above 0 (a
 * lifetime may be 0).
 */
export function dnsLimitsOf(set: Partial<DnsLimits>): DnsLimits {
  for (const [name, value] of Object.entries(set)) {
    if (!(name in defaultDnsLimits)) throw new RangeError(`there is no limit ${name}`);
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
  readonly #flights = new Map<string, Flight>();
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
    return kept && kept.until > this.#clock.elapsed() ? kept.outcome : undefined;
  }

  async #wait(name: string, type: RecordType, signal: AbortSignal, budget: Budget): Promise<Outcome> {
    const left = Math.min(this.#limits.query, budget.left(this.#clock.elapsed()));
    if (left <= 0) return timedOut;
    budget.begin(this.#clock.elapsed());
    try {
      return await patiently(this.#clock, left, signal, async (patience) =>
        (await budget.gate.hold(patience)) ? this.#join(name, type, patience) : cancelled,
      );
    } finally {
      budget.end(this.#clock.elapsed());
    }
  }

  /** Until patience ends. What was asked goes on, and its answer is kept, when the one who asked has gone. */
  #join(name: string, type: RecordType, patience: AbortSignal): Promise<Outcome> {
    const question = `${type} ${name}`;
    const flight = this.#flights.get(question) ?? this.#begin(question, name, type);
    flight.waiting += 1;
    patience.addEventListener('abort', () => this.#leave(question, flight), { once: true });
    return flight.outcome;
  }

  /** Its place is free when nobody waits for it: a stranger who asks and goes, again and again, would have them all. */
  #leave(question: string, flight: Flight): void {
    flight.waiting -= 1;
    if (flight.waiting > 0) return;
    flight.place.abort(left);
    if (!flight.asked) this.#forget(question, flight);
  }

  #begin(question: string, name: string, type: RecordType): Flight {
    const place = new AbortController();
    const flight: Flight = { place, waiting: 0, asked: false, outcome: Promise.resolve(cancelled) };
    const answer = patiently(this.#clock, this.#limits.query, this.#closing.signal, async (patience) => {
      patience.addEventListener('abort', () => place.abort(left), { once: true });
      if (!(await this.#gate.hold(place.signal))) return cancelled;
      flight.asked = true;
      return outcomeOf(this.#ask, name, type);
    });
    flight.outcome = this.#land(question, flight, answer);
    this.#flights.set(question, flight);
    return flight;
  }

  async #land(question: string, flight: Flight, answer: Promise<Outcome>): Promise<Outcome> {
    const outcome = await answer;
    this.#forget(question, flight);
    // What went wrong for a moment is not kept.
    const kept = isVoid(outcome) ? this.#limits.voidLifetime : 'code' in outcome ? 0 : this.#limits.lifetime;
    if (kept > 0) this.#kept.set(question, { outcome, until: this.#clock.elapsed() + kept });
    return outcome;
  }

  #forget(question: string, flight: Flight): void {
    if (this.#flights.get(question) === flight) this.#flights.delete(question);
  }
}

/** A question that is open, for whoever waits for it. */
interface Flight {
  outcome: Promise<Outcome>;
  /** How many do. */
  waiting: number;
  /** Whether it has left the line. */
  asked: boolean;
  /** Its place among those that are open at once. */
  readonly place: AbortController;
}

const left = 'nobody waits for it';

/** mailauth sorts and marks what it gets. */
function copied(answer: Answers[RecordType]): unknown[] {
  return answer.map((record) =>
    typeof record === 'string' ? record : 'exchange' in record ? { ...record } : [...record],
  );
}
