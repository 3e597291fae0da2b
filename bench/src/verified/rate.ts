import { rows, type Row } from '../figures.ts';
import { load } from '../load.ts';
import { alternate, type Effort } from '../rounds.ts';
import { script } from '../script.ts';
import type { Authenticated } from '../servers/authenticating.ts';
import { Subject, type Contestant } from '../subject.ts';
import { signedMail } from './mail.ts';

/** How large the messages are, and over how many connections they come. */
export interface Verifying {
  readonly octets: number;
  readonly connections: number;
  /** Rounds that are so many times as long as others. Default: 1. */
  readonly longer?: number;
}

const names = { ours: 'maitred, verifying', peer: 'mailauth' };

/**
 * Messages a second of a server that receives and verifies them (SPF, DKIM, ARC, DMARC), and of mailauth's
 * `authenticate()`, called in a loop with the same message in memory.
 */
export async function verifiedRate(
  title: string,
  { octets, connections, longer = 1 }: Verifying,
  effort: Effort,
): Promise<Row[]> {
  await using mail = await signedMail(octets);
  const ours: Contestant = {
    name: names.ours,
    program: new URL('../servers/verifying.ts', import.meta.url),
    args: ['--zone', mail.zone],
  };
  const peer: Contestant = {
    name: names.peer,
    program: new URL('../servers/authenticating.ts', import.meta.url),
    args: ['--zone', mail.zone, '--message', mail.message],
  };
  await using server = await Subject.start(ours);
  await using library = await Subject.start(peer);
  const sent = script({ content: mail.content });

  const received = async (milliseconds: number): Promise<Authenticated> => {
    const before = await server.ask('usage');
    const done = await load({ port: server.port, script: sent, connections, milliseconds });
    const after = await server.ask('usage');
    return { ...done, cpu: after.cpu - before.cpu };
  };
  await received(effort.warmUp * longer);
  await library.tell(effort.warmUp * longer);
  const measured = await alternate([ours, peer], effort.rounds, ({ name }) =>
    name === names.ours
      ? received(effort.milliseconds * longer)
      : library.tell<Authenticated>(effort.milliseconds * longer),
  );
  const each = (figure: (done: Authenticated) => number): Map<string, number[]> =>
    new Map([...measured].map(([name, all]) => [name, all.map(figure)]));
  const rates = each(({ messages, milliseconds }) => (messages / milliseconds) * 1000);
  const costs = each(({ messages, cpu }) => cpu / messages);
  return [
    ...rows({ measured: title, unit: 'messages/s', target: '≥ 1.00 ×' }, rates, names.peer, names.ours),
    ...rows({ measured: title, unit: 'CPU µs/message' }, costs, names.peer, names.ours),
  ];
}
