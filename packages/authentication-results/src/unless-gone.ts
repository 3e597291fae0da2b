import type { Connection } from '@maitred/core';

/**
 * Waits for work that a stage needs, unless the client is lost or the stage's time is over: then it rejects with the
 * signal's reason at once, so that the transaction ends, and with it whatever the work waits for. A stage that waits on is
 * given up only after a grace, and the log blames it.
 */
export function unlessGone<T>({ signal }: Pick<Connection, 'signal'>, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
