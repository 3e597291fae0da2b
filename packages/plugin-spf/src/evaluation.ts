import { setImmediate as nextTurn } from 'node:timers/promises';
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
  const checks = [check(first, means), ...(beside ? [check(beside, means)] : [])];
  // What the cache answers is there by then: to set a timer and to take it back costs more than most checks.
  const soon = await Promise.race([Promise.all(checks), nextTurn(undefined)]);
  const [main, helo] = soon ?? (await inTime(checks, [first, ...(beside ? [beside] : [])], means, { clock, ended }));
  if (!main) throw new Error('a check has no result');
  if (!helo) return { ...main.check, resinfo: [main.resinfo] };
  return { ...main.check, helo: helo.check, resinfo: [main.resinfo, helo.resinfo] };
}

/** What the checks find, or that they came to no end. */
async function inTime(
  checks: readonly Promise<Checked>[],
  questions: readonly Question[],
  { timeLimit }: Means,
  { clock, ended }: Patience,
): Promise<Checked[]> {
  const over = new AbortController();
  const cut = Promise.race([
    clock.sleep(timeLimit, over.signal).then(
      () => 'it took too long',
      () => 'it is over',
    ),
    aborted(ended, over.signal),
  ]);
  const results = await Promise.all(
    questions.map((question, at) =>
      Promise.race([checks[at] as Promise<Checked>, cut.then((why) => unfinished(question, why))]),
    ),
  );
  over.abort(settled);
  return results;
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
