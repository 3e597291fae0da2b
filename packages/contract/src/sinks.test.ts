import { replies, SmtpError, type Outcome, type Plugin } from '@maitred/core';
import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { lmtp } from './lmtp.ts';
import { deliver, failures, mailbox } from './mailbox.ts';
import { everybody, receiver } from './receiver.ts';
import { allSay, fails, sink, type Acts } from './sinks.ts';

const startsWith = (name: string) => (mailbox: string) => mailbox.startsWith(name);

async function full(): Promise<never> {
  throw new SmtpError(replies.of(452, '4.3.1', 'Full'));
}

describe.each(ways)('two sinks on one recipient, $name', ({ open }) => {
  it('prepare both before either commits', async () => {
    const noted: string[] = [];
    await using rig = mailbox(noted, { one: {}, two: {} });
    const client = await open(rig.server);
    await deliver(client, 'b');
    await script(client, 'S: 250 /^Kept as /');
    expect(noted).toEqual(['one prepare', 'two prepare', 'one commit', 'two commit']);
  });

  it('are as good as the worse of them: a second commit that fails is 451', async () => {
    const noted: string[] = [];
    await using rig = mailbox(noted, { one: {}, two: { commit: fails } });
    const client = await open(rig.server);
    await deliver(client, 'b');
    await script(client, 'S: 451\nC: NOOP\nS: 250');
    expect(noted).toEqual(['one prepare', 'two prepare', 'one commit', 'two commit']);
    expect(failures(rig)).toEqual(['two commit']);
    expect(client.transcript).not.toContain('secret');
  });

  it.each<[Acts, Acts, number]>([
    [{ commit: allSay(250) }, { commit: allSay(550) }, 550],
    [{ commit: allSay(550) }, { commit: allSay(450) }, 450],
    [{ commit: allSay(450) }, { commit: allSay(550) }, 450],
    [{ commit: allSay(452) }, { commit: allSay(450) }, 452],
  ])('%#: temporary counts before permanent before kept', async (one, two, code) => {
    await using rig = mailbox([], { one, two });
    const client = await open(rig.server);
    await deliver(client, 'b');
    await script(client, `S: ${code} ${code} by the sink`);
  });

  it('commit neither when one could not prepare, and both undo it', async () => {
    const noted: string[] = [];
    await using rig = mailbox(noted, { one: {}, two: { prepare: fails }, three: {} });
    const client = await open(rig.server);
    await deliver(client, 'b');
    await script(client, 'S: 451\nC: NOOP\nS: 250');
    expect(noted.filter((each) => each.endsWith('commit'))).toEqual([]);
    expect(noted.filter((each) => each.endsWith('rollback'))).toEqual([
      'one rollback',
      'two rollback',
      'three rollback',
    ]);
    expect(failures(rig)).toEqual(['two prepare']);
  });

  it('may give the reply to a prepare that could not', async () => {
    await using rig = mailbox([], { one: { prepare: full } });
    const client = await open(rig.server);
    await deliver(client, 'b');
    await script(client, 'S: 452 Full');
    expect(failures(rig)).toEqual([]);
  });

  it('roll back one after the other, whatever fails in it', async () => {
    const noted: string[] = [];
    await using rig = mailbox(noted, { one: { rollback: fails }, two: { prepare: fails, rollback: fails }, three: {} });
    const client = await open(rig.server);
    await deliver(client, 'b');
    await script(client, 'S: 451\nC: NOOP\nS: 250');
    expect(noted.filter((each) => each.endsWith('rollback'))).toHaveLength(3);
  });
});

describe.each(ways)('a recipient without a sink, $name', ({ open }) => {
  it('is 451 for all where one reply stands for all: nobody commits', async () => {
    const noted: string[] = [];
    await using rig = mailbox(noted, { one: { mine: startsWith('one') } });
    const client = await open(rig.server);
    await deliver(client, 'one', 'nobody');
    await script(client, 'S: 451\nC: NOOP\nS: 250');
    expect(noted).toEqual(['one prepare', 'one rollback']);
  });

  it('is 451 alone where each is answered', async () => {
    const noted: string[] = [];
    await using rig = receiver([lmtp(), everybody, sink('one', noted, { mine: startsWith('one') })]);
    const client = await open(rig.server);
    await script(client, 'S: 220\nC: LHLO x\nS: 250\nC: MAIL FROM:<>\nS: 250\nC: RCPT TO:<nobody@x>\nS: 250');
    await script(client, 'C: RCPT TO:<one@x>\nS: 250\nC: DATA\nS: 354\nC: .\nS: 451\nS: 250');
    expect(noted).toEqual(['one prepare', 'one commit']);
  });

  it('is one that its sink forgot when it told the outcomes', async () => {
    await using rig = mailbox([], { one: { commit: async (all) => allSay(250)(all.slice(1)) } });
    const client = await open(rig.server);
    await deliver(client, 'b', 'c');
    await script(client, 'S: 451\nC: NOOP\nS: 250');
  });
});

describe.each(ways)('a sink without recipients, $name', ({ open }) => {
  it('keeps nothing, and is not asked to', async () => {
    const noted: string[] = [];
    await using rig = mailbox(noted, { one: { mine: () => false, prepare: fails }, two: {} });
    const client = await open(rig.server);
    await deliver(client, 'b');
    await script(client, 'S: 250 /^Kept as /');
    expect(noted).toEqual(['two prepare', 'two commit']);
  });
});

describe.each(ways)('what a sink may not say, $name', ({ open }) => {
  it.each<[string, unknown]>([
    ['nothing of a recipient', [{}]],
    ['no reply', [undefined]],
    ['a reply that is none', (recipient: unknown) => [{ recipient, reply: { code: '250' } }]],
    ['a reply that asks for more', (recipient: unknown) => [{ recipient, reply: replies.of(354, undefined, 'Go on') }]],
    ['a value', 250],
    ['true', true],
  ])('%s: 451, in its name, and the others go on', async (_, said) => {
    const noted: string[] = [];
    const commit: Acts['commit'] = async ([first]) =>
      (typeof said === 'function' ? (said as (of: unknown) => unknown)(first) : said) as readonly Outcome[];
    await using rig = mailbox(noted, { one: { commit }, two: {} });
    const client = await open(rig.server);
    await deliver(client, 'b');
    await script(client, 'S: 451\nC: NOOP\nS: 250');
    expect(noted).toEqual(['one prepare', 'two prepare', 'one commit', 'two commit']);
    expect(failures(rig)).toEqual(['one commit']);
  });

  it.each<[string, unknown]>([
    ['true', true],
    ['a reply', replies.ok],
    ['no recipients', { commit: async () => {} }],
    ['no commit', { recipients: [] }],
  ])('that it is %s: 451, in its name, and nobody commits', async (_, made) => {
    const noted: string[] = [];
    const bad: Plugin = { name: 'bad', stages: { deliver: () => made as never } };
    await using rig = receiver([everybody, sink('good', noted), bad]);
    const client = await open(rig.server);
    await deliver(client, 'b');
    await script(client, 'S: 451\nC: NOOP\nS: 250');
    expect(noted).not.toContain('good commit');
    expect(failures(rig)).toEqual(['bad deliver']);
  });

  it('that the application has no text for what was kept', async () => {
    const noted: string[] = [];
    await using rig = mailbox(noted, { one: {}, two: {} }, { replies: { accepted: thrown } });
    const client = await open(rig.server);
    await deliver(client, 'b');
    await script(client, 'S: 250\nC: NOOP\nS: 250');
    expect(noted).toContain('two commit');
    expect(rig.log.records).toMatchObject([{ level: 'error' }, { level: 'error' }]);
  });
});

function thrown(): never {
  throw new Error('secret of the text');
}
