import type { Clock } from '@maitred/core';
import { cancelled, timedOut, type Outcome } from './outcome.ts';

/**
 * Waits for `work` at most `ms` milliseconds and until `signal` aborts. The signal that `work` is handed aborts as soon
 * as nobody waits any more, whatever the reason; no timer and no listener is left then.
 */
export async function patiently(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  work: (patience: AbortSignal) => Promise<Outcome>,
): Promise<Outcome> {
  if (signal.aborted) return cancelled;
  const patience = new AbortController();
  let abort: (() => void) | undefined;
  const impatient = new Promise<Outcome>((resolve) => {
    abort = () => resolve(cancelled);
    signal.addEventListener('abort', abort, { once: true });
    clock.sleep(ms, patience.signal).then(
      () => resolve(timedOut),
      () => {}, // the answer came first
    );
  });
  try {
    return await Promise.race([work(patience.signal), impatient]);
  } finally {
    if (abort) signal.removeEventListener('abort', abort);
    patience.abort(over);
  }
}

/** A reason of our own: the one that Node would make has a stack. */
const over = 'nobody waits any more';
