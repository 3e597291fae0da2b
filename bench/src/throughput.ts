import { rows } from './figures.ts';
import type { Row } from './figures.ts';
import { load } from './load.ts';
import type { Plan } from './load.ts';
import { alternate } from './rounds.ts';
import type { Effort } from './rounds.ts';
import { Subject } from './subject.ts';
import type { Field } from './field.ts';

/** A kind of traffic. */
export type Traffic = Pick<Plan, 'script' | 'connections' | 'perConnection'>;

/** Messages a second, and the CPU time that the server's process spends on each. */
export async function throughput(
  { title, target }: { readonly title: string; readonly target?: string },
  traffic: Traffic,
  { contestants, peer, ours }: Field,
  effort: Effort,
): Promise<Row[]> {
  await using stack = new AsyncDisposableStack();
  const subjects = new Map<string, Subject>();
  for (const contestant of contestants) {
    const subject = stack.use(await Subject.start(contestant));
    subjects.set(contestant.name, subject);
    await load({ ...traffic, port: subject.port, milliseconds: effort.warmUp });
  }
  const measured = await alternate(contestants, effort.rounds, async ({ name }) => {
    const subject = subjects.get(name);
    if (!subject) throw new Error(`${name} was not started`);
    const before = await subject.ask('usage');
    const { messages, milliseconds } = await load({
      ...traffic,
      port: subject.port,
      milliseconds: effort.milliseconds,
    });
    const after = await subject.ask('usage');
    return { rate: (messages / milliseconds) * 1000, cpu: (after.cpu - before.cpu) / messages };
  });
  const pick = (what: 'rate' | 'cpu'): Map<string, number[]> =>
    new Map([...measured].map(([name, figures]) => [name, figures.map((figure) => figure[what])]));
  return [
    ...rows({ measured: title, unit: 'messages/s' }, pick('rate'), peer, ours),
    ...rows(
      { measured: title, unit: 'CPU µs/message', ...(target !== undefined && { target }) },
      pick('cpu'),
      peer,
      ours,
    ),
  ];
}
