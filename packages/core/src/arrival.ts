import type { Clock } from './clock.ts';
import type { Exchange } from './exchange.ts';

/** Who waits for the wire. */
export interface Waiter {
  /** Told once; false: nothing will come any more. */
  resume(more: boolean): void;
}

/** What we wait for the client to do. */
export type Wait = 'command' | 'dataBlock' | 'handshake' | 'unreadReplies' | 'grace' | 'session';

/** Waits until something can be taken; undefined when nothing will come any more, or `signal` aborts. */
export async function arrival<T>(
  exchange: Exchange,
  take: () => T | undefined,
  wait: Wait,
  until: number,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  const more = (resolve: (more: boolean) => void): void => exchange.more(wait, until, { resume: resolve });
  const wake = (): void => exchange.wake();
  signal?.addEventListener('abort', wake, { once: true });
  const waits = (): boolean => taken === undefined && signal?.aborted !== true;
  let taken: T | undefined;
  while (waits() && (await new Promise(more))) taken = take();
  signal?.removeEventListener('abort', wake);
  return taken;
}

/** Whether the client sends octets within `ms` milliseconds. */
export async function spoke(exchange: Exchange, clock: Clock, ms: number): Promise<boolean> {
  if (exchange.input.pending > 0) return true;
  const timer = new AbortController();
  const wait = clock.sleep(ms, timer.signal).catch(() => {});
  await Promise.race([exchange.event(), wait]);
  timer.abort();
  return exchange.input.pending > 0;
}
