import { bareSocket, maitred, smtpServer, smtpServerAsShipped } from './field.ts';
import { rows, spread } from './figures.ts';
import type { Row } from './figures.ts';
import { alternate } from './rounds.ts';
import type { Effort } from './rounds.ts';
import { Subject } from './subject.ts';
import { Wire } from './wire.ts';

const greeting = { send: [], expect: [220] };

/** Milliseconds from connecting to the whole greeting, one connection at a time; the median of a round. */
export async function timeToGreeting(title: string, effort: Effort): Promise<Row[]> {
  await using stack = new AsyncDisposableStack();
  const contestants = [maitred, smtpServer, bareSocket, smtpServerAsShipped];
  const subjects = new Map<string, Subject>();
  for (const contestant of contestants) subjects.set(contestant.name, stack.use(await Subject.start(contestant)));
  const measured = await alternate(contestants, effort.rounds, async ({ name }) => {
    const times: number[] = [];
    const port = subjects.get(name)?.port ?? 0;
    const until = performance.now() + effort.milliseconds / 2;
    while (times.length < 5 || (times.length < 500 && performance.now() < until)) times.push(await greeted(port));
    return spread(times).median;
  });
  return rows({ measured: title, unit: 'ms' }, measured, smtpServer.name, maitred.name);
}

function greeted(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const wire = new Wire(port, reject);
    wire.ask(greeting, () => {
      const took = performance.now() - began;
      wire.destroy();
      resolve(took);
    });
  });
}
