import type { Clock } from '@maitred/core';
import type { Spf } from '@maitred/authentication-results';
import { check, unfinished, type Checked, type Means, type Question } from './check.ts';

/** When an evaluation has to be over. */
export interface Patience {
  readonly clock: Clock;
  /** Nobody waits any more. */
  readonly ended: AbortSignal;
}

/**
 * Checks MAIL FROM, and beside it HELO where that is a question of its own. Never rejects, and is over at the time limit
 * or when nobody waits any more, whatever the DNS does: what has no result by then is `temperror` (RFC 7208 4.6.4).
 */
export async function evaluate(
  [first, beside]: readonly [Question, Question?],
  means: Means,
  { clock, ended }: Patience,
): Promise<Spf> {
  const over = new AbortController();
  const cut = Promise.race([
    clock.sleep(means.timeLimit, over.signal).then(
      () => 'it took too long',
      () => 'it is over',
    ),
    aborted(ended, over.signal),
  ]);
  const one = (question: Question): Promise<Checked> =>
    Promise.race([check(question, means), cut.then((why) => unfinished(question, why))]);
  const [main, helo] = await Promise.all([one(first), beside && one(beside)]);
  over.abort(settled);
  if (!helo) return { ...main.check, resinfo: [main.resinfo] };
  return { ...main.check, helo: helo.check, resinfo: [main.resinfo, helo.resinfo] };
}

function aborted(signal: AbortSignal, over: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const tell = (): void => resolve('the client is gone');
    if (signal.aborted) tell();
    else signal.addEventListener('abort', tell, { once: true, signal: over });
  });
}

/** A reason of our own: the one that Node would make has a stack. */
const settled = 'the checks are done';
