import { replies, SmtpError, type Outcome, type Plugin, type ServerOptions } from '@maitred/core';
import { inMemory, script, ways, type Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { lmtp } from './lmtp.ts';
import { receiver, type Receiver } from './receiver.ts';
import { allSay, fails, hangs, sink, type Acts } from './sinks.ts';

const everybody: Plugin = { name: 'everybody', accepts: { who: 'everybody', claim: async () => replies.ok } };
const startsWith = (name: string) => (mailbox: string) => mailbox.startsWith(name);

/** A mailbox of these sinks, what they noted, and whom to open it for. */
function mailbox(noted: string[], sinks: Readonly<Record<string, Acts>>, options?: Partial<ServerOptions>): Receiver {
  const plugins = Object.entries(sinks).map(([name, acts]) => sink(name, noted, acts));
  return receiver([everybody, plugins], options);
}

async function deliver(client: Client, ...to: readonly string[]): Promise<void> {
  await client.hello();
  const rcpt = to.map((one) => `C: RCPT TO:<${one}@server.example>\nS: 250`).join('\n');
  await script(client, `C: MAIL FROM:<a@client.example>\nS: 250\n${rcpt}\nC: DATA\nS: 354\nC: Subject: x\nC: .`);
}

const failures = ({ log }: Receiver): string[] =>
  log.records
    .filter(({ level }) => level === 'error')
    .map(({ fields }) => [fields['plugin'], fields['stage']].join(' '));

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

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

function thrown(): never {
  throw new Error('secret of the text');
}

describe('a late sink', () => {
  const late = { endOfData: 60_000, grace: 5_000 };

  it('that never prepares is 451 at the deadline after the last octet, and hears of it', async () => {
    const noted: string[] = [];
    const prepare = async (signal: AbortSignal): Promise<void> => {
      signal.addEventListener('abort', () => noted.push('aborted'));
      await hangs();
    };
    await using rig = mailbox(noted, { one: { prepare }, two: {} }, { deadlines: late });
    const client = await inMemory.open(rig.server);
    await deliver(client, 'b');
    await rig.clock.advance(59_000);
    expect(noted).toEqual(['one prepare']);
    await rig.clock.advance(20_000);
    await script(client, 'S: 451\nC: NOOP\nS: 250');
    expect(noted).toEqual(['one prepare', 'aborted', ...noted.slice(2)]);
    expect(noted).toContain('one rollback');
    expect(noted).not.toContain('two commit');
    expect(failures(rig)).toEqual(['one prepare']);
  });

  it('shares that deadline with the message stage and with the deliver hooks', async () => {
    const noted: string[] = [];
    const wait = (): Promise<void> => rig.clock.sleep(25_000);
    const waitOnly = async (): Promise<undefined> => {
      await wait();
    };
    const slow: Plugin['stages'][] = [
      {
        message: async (_, next) => {
          await wait();
          return next();
        },
      },
      { deliver: waitOnly },
      { deliver: waitOnly },
    ];
    const plugins = slow.map((stages, at): Plugin => ({ name: `slow ${at}`, stages: stages ?? {} }));
    await using rig: Receiver = receiver([everybody, plugins, sink('one', noted)], { deadlines: late });
    const client = await inMemory.open(rig.server);
    await deliver(client, 'b');
    await rig.clock.advance(90_000);
    await script(client, 'S: 451');
    expect(noted).not.toContain('one commit');
  });

  it('that never commits is 451 at its own deadline, and the others were asked', async () => {
    const noted: string[] = [];
    await using rig = mailbox(
      noted,
      { one: { commit: hangs }, two: {} },
      { deadlines: { ...late, stages: { commit: 200_000 } } },
    );
    const client = await inMemory.open(rig.server);
    await deliver(client, 'b');
    await rig.clock.advance(190_000);
    expect(noted).toEqual(['one prepare', 'two prepare', 'one commit']);
    await rig.clock.advance(20_000);
    await script(client, 'S: 451\nC: NOOP\nS: 250');
    expect(noted).toContain('two commit');
    expect(failures(rig)).toEqual(['one commit']);
  });

  it('whose client left before anything was committed keeps nothing', async () => {
    const noted: string[] = [];
    await using rig = mailbox(noted, { one: { prepare: untilAborted } });
    const client = await inMemory.open(rig.server);
    await deliver(client, 'b');
    await rig.clock.advance(0);
    client.destroy();
    await rig.clock.advance(1000);
    expect(noted).toEqual(['one prepare', 'one rollback']);
  });
});
