import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { content } from './content.ts';
import { bareSocket, maitred, smtpServer } from './field.ts';
import { rows } from './figures.ts';
import type { Row } from './figures.ts';
import { load } from './load.ts';
import { alternate } from './rounds.ts';
import { script } from './script.ts';
import { Subject } from './subject.ts';
import type { Contestant } from './subject.ts';

const mebibyte = 1024 * 1024;
const megabyte = 1e6;
const toMaildir = 'maitred, into a Maildir';

/**
 * Megabytes that one message of 200 MiB adds to the resident memory of an idle server, at most; each time in a process
 * that was just started. Both discard the message; ours also keeps it in a Maildir.
 */
export async function peakMemory(title: string, rounds: number): Promise<Row[]> {
  const small = script({ content: content(1024) });
  const large = script({ content: content(200 * mebibyte) });
  const contestants = [maitred, smtpServer, bareSocket, { ...maitred, name: toMaildir }];
  const once = async (contestant: Contestant): Promise<number> => {
    await using subject = await Subject.start(contestant);
    const plan = { port: subject.port, connections: 1 };
    await load({ ...plan, script: small, messages: 20 });
    const { resident } = await subject.ask('settle');
    await subject.ask('watch');
    await load({ ...plan, script: large, messages: 1 });
    const { peak } = await subject.ask('usage');
    return (peak - resident) / megabyte;
  };
  const measured = await alternate(contestants, rounds, async (contestant) => {
    if (contestant.name !== toMaildir) return once(contestant);
    const folder = await mkdtemp(join(tmpdir(), 'maitred-bench-'));
    try {
      return await once({ ...contestant, args: ['--maildir', folder] });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  return rows({ measured: title, unit: 'MB above idle', target: '< 40' }, measured, smtpServer.name, toMaildir);
}
