import { setTimeout as wait } from 'node:timers/promises';
import { token, type Token } from './services.ts';

/** Time, so that a test can have its own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Runs `tick` every `ms` milliseconds until disposed. Keeps no process alive. */
  every(ms: number, tick: () => void): Disposable;
}

/** The clock of everything in core and of plugins that wait. Default: the machine's. */
export const Clock: Token<Clock> = token('clock');

/** A timer of Node's that is set for longer fires at once. */
const longest = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: Date.now,
  async sleep(ms, signal) {
    signal?.throwIfAborted();
    try {
      for (let left = ms; left > 0; left -= longest) await wait(Math.min(left, longest), undefined, { signal });
    } catch (error) {
      signal?.throwIfAborted(); // Node's own error hides the reason
      throw error;
    }
  },
  every(ms, tick) {
    const timer = setInterval(tick, ms).unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  },
};
