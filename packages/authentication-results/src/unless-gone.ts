import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Connection } from '@maitred/core';

/**
 * Waits for work that a stage needs, unless the client is lost or the stage's time is over: then it rejects with the
 * signal's reason at once, so that the transaction ends, and with it whatever the work waits for. A stage that waits on is
 * given up only after a grace, and the log blames it.
 */
export async function unlessGone<T>(ctx: Pick<Connection, 'signal'>, work: Promise<T>): Promise<T> {
  // Most work is done in this turn: a signal, which is made when it is first read, would cost it more.
  const soon = await Promise.race([work, nextTurn(pending)]);
  return soon === pending ? unlessAborted(ctx.signal, work) : soon;
}

const pending = Symbol('pending');

function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
