import { token, type Token } from './services.ts';

/** Time, so that a test can have its own. */
export interface Clock {
  /** Milliseconds since 1970, for dates: somebody may set the time. */
  now(): number;
  /** Milliseconds since some moment, for how long something takes: only time that passes changes it. */
  elapsed(): number;
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
  elapsed: () => performance.now(),
  // Not Node's own: an AbortError of its, with a stack, is most of what a wait costs that is given up.
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const wait = (left: number): void => {
        timer = setTimeout(left > longest ? wait : wake, Math.min(left, longest), left - longest);
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      if (signal?.aborted) return stop();
      signal?.addEventListener('abort', stop, { once: true });
      return wait(ms);
    }),
  every(ms, tick) {
    const timer = setInterval(tick, ms).unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  },
};
