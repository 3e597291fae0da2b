import { replies, SmtpError, type Plugin } from '@maitred/core';
import { script, ways, type Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { bdat } from './bdat.ts';
import { lmtp } from './lmtp.ts';
import { everybody, receiver, type Receiver } from './receiver.ts';
import { allSay, fails, sink } from './sinks.ts';

const refused = replies.of(550, '5.7.1', 'Not that');

function mailbox(...plugins: readonly Plugin[]): Receiver {
  return receiver([lmtp(), bdat(), everybody, plugins]);
}

/** MAIL and a RCPT for each of the recipients. */
async function begin(client: Client, ...to: readonly string[]): Promise<void> {
  await script(client, 'S: 220\nC: LHLO client.example\nS: 250-mx.example\nS: 250 CHUNKING');
  await script(client, 'C: MAIL FROM:<a@client.example>\nS: 250');
  for (const one of to) await script(client, `C: RCPT TO:<${one}@server.example>\nS: 250`);
}

const dot = 'C: DATA\nS: 354\nC: Subject: x\nC: .';
const last = 'C: BDAT 12 LAST\nC: Subject: x';

describe.each(ways)('LMTP, $name', ({ open }) => {
  it.each(['EHLO', 'HELO'])('refuses %s, and is offered nothing by it', async (verb) => {
    await using rig = mailbox();
    const client = await open(rig.server);
    await script(client, `S: 220\nC: ${verb} client.example\nS: 500\nC: MAIL FROM:<a@client.example>\nS: 503`);
    await script(client, 'C: LHLO\nS: 501\nC: LHLO client.example\nS: 250-mx.example\nC: NOOP\nS: 250');
  });

  it.each([dot, last])('answers each recipient by what became of its copy: %s', async (content) => {
    await using rig = mailbox(
      sink('one', [], { mine: (mailbox) => mailbox.startsWith('one'), commit: allSay(250) }),
      sink('two', [], { mine: (mailbox) => mailbox.startsWith('two'), commit: allSay(452) }),
      sink('three', [], { mine: (mailbox) => mailbox.startsWith('three'), commit: fails }),
    );
    const client = await open(rig.server);
    await begin(client, 'three', 'one', 'nobody', 'two');
    await script(client, `${content}\nS: 451\nS: 250\nS: 451\nS: 452\nC: NOOP\nS: 250`);
    expect(client.transcript).not.toContain('secret');
  });

  it.each([dot, last])('commits one sink while the prepare of another fails: %s', async (content) => {
    const noted: string[] = [];
    await using rig = mailbox(
      sink('full', noted, { mine: (mailbox) => mailbox.startsWith('full'), prepare: fails }),
      sink('fine', noted, { mine: (mailbox) => mailbox.startsWith('fine') }),
    );
    const client = await open(rig.server);
    await begin(client, 'full', 'fine');
    await script(client, `${content}\nS: 451\nS: 250 /^Kept as /\nC: NOOP\nS: 250`);
    expect(noted).toEqual(['full prepare', 'fine prepare', 'full rollback', 'fine commit']);
  });

  it.each<{ how: string; plugin: () => Plugin; code: number }>([
    { how: 'there is no sink', plugin: () => ({ name: 'nothing' }), code: 451 },
    { how: 'the message stage refuses', plugin: () => judge(async () => refused), code: 550 },
    { how: 'the message stage throws', plugin: () => judge(fails), code: 451 },
    { how: 'a tap refuses', plugin: () => tap(() => ({ write: raise(new SmtpError(refused)) })), code: 550 },
    { how: 'a tap throws', plugin: () => tap(() => ({ write: raise(new Error('secret')) })), code: 451 },
    {
      how: 'a tap throws at the end',
      plugin: () => tap(() => ({ write() {}, end: raise(new Error('secret')) })),
      code: 451,
    },
    { how: 'a deliver hook throws', plugin: () => ({ name: 'no', stages: { deliver: fails } }), code: 451 },
    { how: 'every prepare fails', plugin: () => sink('no', [], { prepare: fails }), code: 451 },
    { how: 'a ring makes a refusal of it', plugin: () => judge(async () => replies.ok, 450), code: 451 },
    { how: 'a ring makes another refusal of it', plugin: () => judge(fails, 450), code: 450 },
  ])('answers each recipient when $how', async ({ plugin, code }) => {
    for (const content of [dot, last]) {
      await using rig = mailbox(plugin());
      const client = await open(rig.server);
      await begin(client, 'one', 'two', 'three');
      await script(client, `${content}\nS: ${code}\nS: ${code}\nS: ${code}\nC: NOOP\nS: 250`);
      expect(client.transcript).not.toContain('secret');
    }
  });

  it('answers each recipient when lines end badly', async () => {
    await using rig = mailbox(sink('one', []));
    const client = await open(rig.server);
    await begin(client, 'one', 'two');
    await script(client, 'C: DATA\nS: 354');
    client.send('Subject: x\n\r\n.\r\nNOOP\r\n');
    await script(client, 'S: 554\nS: 554\nS: 250 OK');
  });

  it('answers once before there is content to judge', async () => {
    await using rig = mailbox({ name: 'no', stages: { data: async () => refused } });
    const client = await open(rig.server);
    await begin(client);
    await script(client, 'C: DATA\nS: 554\nC: RCPT TO:<one@server.example>\nS: 250');
    await script(client, 'C: RCPT TO:<two@server.example>\nS: 250\nC: DATA\nS: 550\nC: NOOP\nS: 250 OK');
  });

  it('answers once for every chunk but the last', async () => {
    await using rig = mailbox(tap(() => ({ write: raise(new SmtpError(refused)) })));
    const client = await open(rig.server);
    await begin(client, 'one', 'two');
    await script(client, 'C: BDAT 6\nC: QUIT\nC: BDAT 6\nC: RSET\nC: NOOP\nS: 550\nS: 503\nS: 250 OK');
  });

  it('lets no limit on errors take back what was kept', async () => {
    await using rig = receiver([lmtp(), everybody, sink('one', [], { mine: (mailbox) => mailbox.startsWith('one') })], {
      limits: { errors: 1 },
    });
    const client = await open(rig.server);
    await script(client, 'S: 220\nC: LHLO client.example\nS: 250\nC: MAIL FROM:<a@client.example>\nS: 250');
    await script(client, 'C: RCPT TO:<one@server.example>\nS: 250\nC: RCPT TO:<two@server.example>\nS: 250');
    await script(client, `${dot}\nS: 250\nS: 451`);
  });
});

/** A message stage that answers so; and, with a `code`, a ring that makes that of every refusal after DATA or BDAT. */
function judge(verdict: () => Promise<typeof refused>, code?: number): Plugin {
  const other = code === undefined ? undefined : replies.of(code, undefined, 'Later');
  return {
    name: 'judge',
    stages: {
      message: verdict,
      command: async (ctx, next) => {
        const reply = await next();
        return other && ['DATA', 'BDAT'].includes(ctx.command.verb) && reply.code >= 400 ? other : reply;
      },
    },
  };
}

function tap(body: NonNullable<Plugin['stages']>['body'] & object): Plugin {
  return { name: 'tap', stages: { body } };
}

function raise(error: Error): () => never {
  return () => {
    throw error;
  };
}
