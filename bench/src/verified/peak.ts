import { spread, type Row } from '../figures.ts';
import { load } from '../load.ts';
import { alternate } from '../rounds.ts';
import { script } from '../script.ts';
import { Subject, type Contestant } from '../subject.ts';
import { signedMail, signers } from './mail.ts';

const megabyte = 1e6;

/**
 * Megabytes that one message of 100 MB, verified while it is received, adds to the resident memory of an idle server, at
 * most; each time in a process that was just started and has verified a few small ones.
 */
export async function verifiedPeak(title: string, rounds: number): Promise<Row[]> {
  const by = signers();
  await using small = await signedMail(10 * 1024, by);
  await using large = await signedMail(100 * megabyte, by);
  const program = new URL('../servers/verifying.ts', import.meta.url);
  const args = ['--zone', large.zone];
  const contestants: Contestant[] = [
    { name: 'maitred, verifying', program, args },
    { name: 'maitred, verifying, into a file', program, args: [...args, '--spool'] },
    { name: 'maitred, into a file', program: new URL('../servers/ours.ts', import.meta.url), args: ['--spool'] },
  ];
  const measured = await alternate(contestants, rounds, async (contestant) => {
    await using subject = await Subject.start(contestant);
    const plan = { port: subject.port, connections: 1 };
    await load({ ...plan, script: script({ content: small.content }), messages: 20 });
    const { resident } = await subject.ask('settle');
    await subject.ask('watch');
    await load({ ...plan, script: script({ content: large.content }), messages: 1 });
    const { peak } = await subject.ask('usage');
    return (peak - resident) / megabyte;
  });
  return [...measured].map(([server, figures]) => ({
    measured: title,
    unit: 'MB above idle',
    server,
    value: spread(figures),
    ...(server.includes('verifying') && { target: '< 60' }),
  }));
}
