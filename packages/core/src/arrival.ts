import type { Connection } from './connection.ts';

/** Who waits for the wire. */
export interface Waiter {
  /** Told once; false: nothing will come any more. */
  resume(more: boolean): void;
}

/** What we wait for the client to do. */
export type Wait = 'command' | 'dataBlock' | 'handshake' | 'unreadReplies' | 'grace' | 'session';

/**
 * Waits for the client until something can be taken, at most `deadline` milliseconds; the time of whoever asked stands
 * still meanwhile. Undefined when nothing will come any more, or `signal` aborts.
 */
export async function arrival<T>(
  { exchange, house, watch }: Connection,
  take: () => T | undefined,
  wait: 'command' | 'dataBlock',
  deadline: number = Number.POSITIVE_INFINITY,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const until = house.clock.elapsed() + Math.min(deadline, house.deadlines[wait]);
  const since = watch.pause();
  const more = (resolve: (more: boolean) => void): void => exchange.more(wait, until, { resume: resolve });
  const wake = (): void => exchange.wake();
  signal?.addEventListener('abort', wake, { once: true });
  const waits = (): boolean => taken === undefined && signal?.aborted !== true;
  let taken: T | undefined;
  while (waits() && (await new Promise(more))) taken = take();
  signal?.removeEventListener('abort', wake);
  watch.resume(since);
  return taken;
}
