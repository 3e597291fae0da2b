import type { Clock } from '@maitred/core';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** A clock that stands still until told. Use it with `server.override(Clock, fakeClock())`. */
export interface FakeClock extends Clock {
  /**
   * Lets `ms` milliseconds pass. What is due on the way happens in order, each at its own time, and what follows from
   * it (promises, the memory ways' traffic) gets several turns of the event loop before the next.
   */
  advance(ms: number): Promise<void>;
  /** Sets the time of day, milliseconds since 1970, as an administrator may: no time passes. */
  set(now: number): void;
}

interface Due {
  at: number;
  readonly run: () => void;
}

/** Turns of the event loop that everything due gets to take effect. */
const turns = 8;

/** Makes a clock at `start` milliseconds since 1970 (default: the first moment of 2026). */
export function fakeClock(start: number = Date.UTC(2026, 0)): FakeClock {
  const due = new Set<Due>();
  let passed = 0;
  let began = start;

  const first = (until: number): Due | undefined => {
    let earliest: Due | undefined;
    for (const one of due) if (one.at <= until && (!earliest || one.at < earliest.at)) earliest = one;
    return earliest;
  };

  return {
    now: () => began + passed,
    elapsed: () => passed,

    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        if (ms <= 0) return resolve();
        const wake: Due = { at: passed + ms, run: () => settle(resolve) };
        const settle = (how: () => void): void => {
          due.delete(wake);
          signal?.removeEventListener('abort', abort);
          how();
        };
        const abort = (): void => settle(() => reject(signal?.reason as Error));
        signal?.addEventListener('abort', abort, { once: true });
        due.add(wake);
      });
    },

    every(ms, tick) {
      if (!(ms > 0)) throw new RangeError(`an interval is longer than ${ms} ms`);
      const repeat: Due = {
        at: passed + ms,
        run: () => {
          repeat.at += ms;
          tick();
        },
      };
      due.add(repeat);
      return { [Symbol.dispose]: () => void due.delete(repeat) };
    },

    async advance(ms) {
      const until = passed + ms;
      await settled();
      for (let next = first(until); next; next = first(until)) {
        passed = next.at;
        next.run();
        await settled();
      }
      passed = until;
    },

    set(now) {
      began = now - passed;
    },
  };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await nextTurn();
}
