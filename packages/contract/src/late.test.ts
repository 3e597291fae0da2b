import { Clock, key, replies, type Key, type Plugin, type Verb } from '@maitred/core';
import { inMemory, script, ways, type Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { Gate } from './gate.ts';
import { inbox, type Receiver } from './receiver.ts';
import { hangs } from './sinks.ts';

const later = replies.of(450, undefined, 'Later');

/** A ring that answers 450 to a verb without waiting for what it began. */
const hasty = (verb: string): Plugin => ({
  name: 'hasty',
  stages: {
    command: async (ctx, next) => {
      if (ctx.command.verb !== verb) return next();
      void next();
      return later;
    },
  },
});

/** A ring that goes on once the gate opens, after a verb's deadline has long passed. */
const tardy = (verb: string, gate: Gate): Plugin => ({
  name: 'tardy',
  stages: {
    command: async (ctx, next) => {
      if (ctx.command.verb === verb) await gate.opened;
      return next();
    },
  },
});

/** Lets time pass until the reply is there. */
async function afterAWhile(rig: Receiver, client: Client, said: string): Promise<void> {
  const told = script(client, said);
  await Promise.race([told, rig.clock.advance(60_000)]);
  await told;
}

async function begin(client: Client): Promise<void> {
  await client.hello();
  await script(client, 'C: MAIL FROM:<a@client.example>\nS: 250\nC: RCPT TO:<b@server.example>\nS: 250');
}

describe.each(ways)('a ring that does not wait for next, $name', ({ open }) => {
  it.each([
    ['EHLO', 'EHLO other.example', 'MAIL FROM:<>', 250],
    ['MAIL', 'MAIL FROM:<>', 'RCPT TO:<b@server.example>', 503],
    ['RSET', 'RSET', 'NOOP', 250],
  ])('answers %s itself, and nothing of it is true', async (verb, line, next, code) => {
    await using rig = inbox(hasty(verb));
    const client = await open(rig.server);
    if (verb !== 'EHLO') await client.hello();
    else await script(client, 'S: 220\nC: HELO client.example\nS: 250');
    await script(client, `C: ${line}\nS: 450\nC: ${next}\nS: ${code}`);
  });

  it('adds no recipient', async () => {
    await using rig = inbox(hasty('RCPT'));
    const client = await open(rig.server);
    await client.hello();
    await script(client, 'C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<b@server.example>\nS: 450\nC: DATA\nS: 554');
  });

  it('answers DATA, and reads its content to the end: what became of the message stands', async () => {
    await using rig = inbox(hasty('DATA'));
    const client = await open(rig.server);
    await begin(client);
    await script(client, 'C: DATA\nS: 354\nC: Subject: x\nC: QUIT\nC: .\nS: 250 /^Kept/\nC: NOOP\nS: 250');
    expect(rig.kept).toMatchObject([{ content: 'Subject: x\r\nQUIT\r\n' }]);
  });
});

describe('a ring that does not wait for a handler that hangs', () => {
  it('is not waited for for ever', async () => {
    const hung: Plugin = { name: 'hung', verbs: { HANG: { handle: hangs } } };
    await using rig = inbox([hasty('HANG'), hung]);
    const client = await inMemory.open(rig.server);
    await client.hello();
    client.send('HANG\r\n');
    await afterAWhile(rig, client, 'S: 450');
    await script(client, 'C: NOOP\nS: 250 OK');
  });
});

describe('a rcpt stage that does not wait for next', () => {
  it('takes nobody in whom nobody has claimed yet', async () => {
    const hastyHook: Plugin = {
      name: 'hasty',
      stages: {
        rcpt: async (_, next) => {
          void next();
          return replies.ok;
        },
      },
    };
    const slow: Plugin = {
      name: 'slow',
      accepts: {
        who: 'everybody, after a while',
        claim: async (ctx) => {
          await ctx.inject(Clock).sleep(1000);
          return replies.ok;
        },
      },
    };
    await using rig = inbox([hastyHook, slow]);
    const client = await inMemory.open(rig.server);
    await client.hello();
    await script(client, 'C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<b@x>\nS: 451');
    await rig.clock.advance(2000);
    await script(client, 'C: DATA\nS: 554');
  });
});

describe('a ring that goes on after its deadline', () => {
  it.each([
    ['RSET', 'RSET'],
    ['EHLO', 'EHLO other.example'],
    ['QUIT', 'QUIT'],
  ])('can’t do any more what %s does', async (verb, line) => {
    const gate = new Gate();
    const tarries = tardy(verb, gate);
    await using rig = inbox(tarries, { deadlines: { stages: { command: 10_000 } } });
    const client = await inMemory.open(rig.server);
    if (verb === 'EHLO') await script(client, 'S: 220\nC: HELO client.example\nS: 250');
    else await client.hello();
    client.send(`${line}\r\n`);
    await afterAWhile(rig, client, 'S: 451');
    await script(client, 'C: MAIL FROM:<a@client.example>\nS: 250\nC: RCPT TO:<b@server.example>\nS: 250');
    gate.open();
    await rig.clock.advance(0);
    await script(client, 'C: DATA\nS: 354\nC: Subject: x\nC: .\nS: 250');
  });

  it('asks nobody any more', async () => {
    const asked: string[] = [];
    const gate = new Gate();
    const slow: Plugin = {
      name: 'slow',
      stages: {
        rcpt: async (_, next) => {
          await gate.opened;
          return next();
        },
      },
    };
    const inner: Plugin = {
      name: 'inner',
      stages: {
        rcpt: async (ctx, next) => {
          asked.push(ctx.recipient.path.mailbox);
          return next();
        },
      },
    };
    await using rig = inbox([slow, inner]);
    const client = await inMemory.open(rig.server);
    await client.hello();
    await script(client, 'C: MAIL FROM:<>\nS: 250');
    client.send('RCPT TO:<one@server.example>\r\n');
    await afterAWhile(rig, client, 'S: 451');
    gate.open();
    await rig.clock.advance(0);
    await script(client, 'C: RCPT TO:<two@server.example>\nS: 250');
    expect(asked).toEqual(['two@server.example']);
  });
});

const Of: Key<string, 'session'> = key('test:of', 'session');

async function all(octets: AsyncIterable<Buffer>): Promise<void> {
  for await (const each of octets) expect(each).toBeUndefined();
}

const powers: Readonly<Record<string, (verb: Verb) => unknown>> = {
  prompt: (verb) => verb.prompt(replies.of(334, undefined, 'Late')),
  readLine: (verb) => verb.readLine(),
  octets: (verb) => all(verb.octets(1)),
  dotted: (verb) => all(verb.dotted()),
  advertise: (verb) => verb.advertise('late.example', true),
  restart: (verb) => verb.restart({}),
  reset: (verb) => verb.reset('late'),
  begin: (verb) => verb.begin({ mailbox: '', local: '', domain: undefined, ascii: true, null: true }, ''),
  addRecipient: (verb) => verb.addRecipient({ mailbox: 'c@x', local: 'c', domain: 'x', ascii: true, null: false }, ''),
  openBody: (verb) => verb.openBody('chunks'),
  after: (verb) => verb.after(() => {}),
};

describe('a handler whose command is over', () => {
  it.each(Object.keys(powers))('has no power of %s any more', async (power) => {
    let held: Verb | undefined;
    const holds: Plugin = {
      name: 'holds',
      provides: [Of],
      verbs: {
        HOLD: {
          owes: () => 1,
          handle: async (verb) => {
            held = verb;
            for await (const octet of verb.octets(1)) expect(octet).toHaveLength(1);
            return replies.ok;
          },
        },
      },
    };
    await using rig = inbox(holds);
    const client = await inMemory.open(rig.server);
    await client.hello();
    client.send('HOLD\r\n!');
    await script(client, 'S: 250');
    await script(client, 'C: MAIL FROM:<a@client.example>\nS: 250\nC: RCPT TO:<b@server.example>\nS: 250');
    await expect((async () => powers[power]?.(held as Verb))()).rejects.toThrow(/HOLD/);
    await script(client, 'C: DATA\nS: 354\nC: Subject: x\nC: .\nS: 250');
    expect(rig.kept).toMatchObject([{ to: ['b@server.example'] }]);
  });
});
