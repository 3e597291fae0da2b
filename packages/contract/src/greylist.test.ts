import { replies, type Plugin } from '@maitred/core';
import { inMemory, script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { bdat } from './bdat.ts';
import { greylist } from './greylist.ts';
import { inbox, receiver } from './receiver.ts';
import { sink } from './sinks.ts';
import { tarpit } from './tarpit.ts';

const bobOnly: Plugin = {
  name: 'bob',
  accepts: {
    who: 'bob',
    claim: async ({ recipient }) =>
      recipient.path.local === 'bob' ? replies.ok : replies.of(550, '5.1.1', 'No such user'),
  },
};

describe.each(ways)('a greylister around RCPT, $name', ({ open }) => {
  it('leaves a recipient out that the innermost layer had accepted', async () => {
    await using rig = inbox(greylist());
    const client = await open(rig.server);
    await client.hello();
    await script(
      client,
      `C: MAIL FROM:<a@client.example>
       S: 250
       C: RCPT TO:<one@server.example>
       S: 451 Greylisted, come again
       C: DATA
       S: 554
       C: RCPT TO:<two@server.example>
       S: 451
       C: RCPT TO:<one@server.example>
       S: 250
       C: DATA
       S: 354
       C: Subject: x
       C: .
       S: 250`,
    );
    expect(rig.kept).toMatchObject([{ to: ['one@server.example'] }]);
  });

  it('leaves unknown users their 550, the first time and every time', async () => {
    const seen = new Set<string>();
    await using rig = receiver([greylist(seen), bobOnly, sink('all', [])]);
    const client = await open(rig.server);
    await client.hello();
    await script(client, 'C: MAIL FROM:<a@client.example>\nS: 250');
    await script(client, 'C: RCPT TO:<nobody@server.example>\nS: 550\nC: RCPT TO:<nobody@server.example>\nS: 550');
    await script(client, 'C: RCPT TO:<bob@server.example>\nS: 451\nC: RCPT TO:<bob@server.example>\nS: 250');
    expect(seen.size).toBe(1);
  });
});

/** A ring that makes 250 of every refusal: nobody is to be told that a recipient or a sender was taken who was not. */
const yes: Plugin = {
  name: 'yes',
  stages: { command: async (_, next) => (await next(), replies.ok) },
};

describe.each(ways)('a ring that says yes to everything, $name', ({ open }) => {
  it('takes no recipient that nobody claimed', async () => {
    const noted: string[] = [];
    await using rig = receiver([bobOnly, yes, sink('all', noted)]);
    const client = await open(rig.server);
    await client.hello();
    await script(client, 'C: MAIL FROM:<a@client.example>\nS: 250');
    for (const [line, code] of [
      ['RCPT TO:<nobody@server.example>', 550],
      ['RCPT TO:<bob@server.example> X=Y', 555],
      ['RCPT TO:<bøb@server.example>', 553],
      ['RCPT TO:<bob@server.example>', 250],
      ['RCPT TO:<nobody@server.example>', 550],
    ] as const) {
      await script(client, `C: ${line}\nS: ${code}`);
    }
    client.send('DATA\r\n');
    await script(client, 'S: 354\nC: .\nS: 250');
    expect(noted).toEqual(['all prepare', 'all commit']);
  });

  it('begins no transaction that can’t be', async () => {
    await using rig = receiver([bobOnly, yes], { limits: { messages: 1 } });
    const client = await open(rig.server);
    await client.hello();
    await script(client, 'C: MAIL FROM:<a@client.example> X=Y\nS: 555\nC: RCPT TO:<bob@server.example>\nS: 250');
    await script(
      client,
      'C: DATA\nS: 250\nC: MAIL FROM:<å@client.example>\nS: 553\nC: MAIL FROM:<>\nS: 250\nC: RSET\nS: 250',
    );
    await script(client, 'C: MAIL FROM:<>\nS: 421');
  });
});

describe('a tarpit around every command', () => {
  it('makes each error wait longer, and changes no answer', async () => {
    await using rig = receiver([tarpit(), bobOnly, sink('all', [])]);
    const client = await inMemory.open(rig.server);
    await client.hello();
    await client.command('MAIL FROM:<a@client.example>');
    for (let error = 1; error <= 3; error++) {
      const reply = client.command('RCPT TO:<nobody@server.example>');
      let answered = false;
      void reply.then(() => (answered = true));
      await rig.clock.advance(error * 1000 - 1);
      expect(answered).toBe(false);
      await rig.clock.advance(1);
      expect(await reply).toMatchObject({ code: 550 });
    }
    await script(client, 'C: RCPT TO:<bob@server.example>\nS: 250');
  });

  it('holds the octets of a chunk until it has answered', async () => {
    await using rig = inbox([tarpit(), bdat()]);
    const client = await inMemory.open(rig.server);
    await client.hello();
    client.send('BDAT 6\r\nQUIT\r\nNOOP\r\n');
    await rig.clock.advance(500);
    expect(client.transcript).not.toContain('503');
    await rig.clock.advance(500);
    await script(client, 'S: 503\nS: 250 OK');
  });

  it('lets go of a client that went, and says nothing of it', async () => {
    await using rig = receiver(tarpit());
    const client = await inMemory.open(rig.server);
    await client.hello();
    client.send('RCPT TO:<nobody@server.example>\r\n');
    await rig.clock.advance(10);
    client.destroy();
    await rig.clock.advance(10);
    expect(rig.log.records).toEqual([]);
    await rig.server.close();
  });

  it('keeps nobody waiting for longer than a ring may take', async () => {
    await using rig = receiver(tarpit(), { deadlines: { stages: { command: 2500 }, grace: 500 } });
    const client = await inMemory.open(rig.server);
    await client.hello();
    for (const passes of [1000, 2000, 3500]) {
      const reply = client.command('RCPT TO:<nobody@server.example>');
      await rig.clock.advance(passes);
      expect(await reply).toMatchObject({ code: passes === 3500 ? 451 : 503 });
    }
    await rig.clock.advance(10_000);
    await script(client, 'C: NOOP\nS: 250');
  });
});
