import { Buffer } from 'node:buffer';
import { hostiles } from '../../../packages/plugin-dkim/test/hostile.ts';
import { rsaKey } from '../../../packages/plugin-dkim/test/signer.ts';
import { spread, type Row } from '../figures.ts';
import { load } from '../load.ts';
import { script, type Script } from '../script.ts';
import { Subject } from '../subject.ts';
import { sealedFiftyTimes, signedMail, signers } from './mail.ts';

/** A message that is sent, and what it is called. */
interface Sent {
  readonly name: string;
  readonly script: Script;
}

/** How many of the corpus are told. */
const told = 8;

/**
 * Milliseconds of the longest turn of the event loop while a server verifies a message that is made to cost as much as can
 * be: the worst of the tests' corpus. The least of the rounds is the one to read: nothing else was in its way.
 */
export async function longestBlock(title: string, rounds: number): Promise<Row[]> {
  const by = signers();
  await using ordinary = await signedMail(10 * 1024, by);
  await using subject = await Subject.start({
    name: title,
    program: new URL('../servers/verifying.ts', import.meta.url),
    args: ['--zone', ordinary.zone, '--lenient'],
  });
  const sets = { name: 'fifty ARC sets', script: script({ content: [stuffed(await sealedFiftyTimes(by))] }) };
  const all: Sent[] = [
    { name: 'an ordinary message', script: script({ content: ordinary.content }) },
    sets,
    ...hostiles(rsaKey(2048)).map(({ name, content, code }) => ({
      name,
      script: script({ content: [stuffed(content)], code }),
    })),
  ];
  const measured = new Map<string, number[]>(all.map(({ name }) => [name, []]));
  for (const { script } of all) await load({ port: subject.port, connections: 1, script, messages: 1 });
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, script } of all) {
      await subject.ask('settle');
      await subject.ask('watch');
      await load({ port: subject.port, connections: 1, script, messages: 1 });
      measured.get(name)?.push((await subject.ask('usage')).blocked);
    }
  }
  const figures = [...measured].map(([name, each]) => ({ name, value: spread(each) }));
  const [usual, fifty, ...others] = figures;
  const worst = others.toSorted((a, b) => b.value.least - a.value.least).slice(0, told);
  return [usual, fifty, ...worst]
    .filter((one) => one !== undefined)
    .map(({ name, value }) => {
      return { measured: `${title}: ${name}`, unit: 'ms', server: 'maitred, verifying', value, target: '< 50' };
    });
}

/** As DATA carries it, the final dot too (RFC 5321 4.5.2). */
function stuffed(content: Buffer): Buffer {
  const text = content.toString('latin1').replace(/(^|\r\n)\./g, '$1..');
  return Buffer.from(`${text.endsWith('\r\n') ? text : `${text}\r\n`}.\r\n`, 'latin1');
}
