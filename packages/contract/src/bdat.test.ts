import { replies, SmtpError, type BodyContext, type Plugin, type Reply } from '@maitred/core';
import { script, ways, type Client, type Way } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { bdat } from './bdat.ts';
import { inbox, type Receiver } from './receiver.ts';

/** A client with a sender and a recipient: what comes next is content. */
async function ready(open: Way['open'], { server }: Receiver): Promise<Client> {
  const client = await open(server);
  await client.hello();
  await script(client, 'C: MAIL FROM:<a@client.example>\nS: 250\nC: RCPT TO:<b@server.example>\nS: 250');
  return client;
}

const no = replies.of(450, '4.7.1', 'Not now');

/** A ring that answers the `nth` BDAT itself, before or after the handler. */
const limiter = (nth: number, when: 'before' | 'after', reply: Reply = no): Plugin => {
  let seen = 0;
  return {
    name: 'limiter',
    stages: {
      command: async (ctx, next) => {
        if (ctx.command.verb !== 'BDAT' || ++seen !== nth) return next();
        if (when === 'after') await next();
        return reply;
      },
    },
  };
};

describe.each(ways)('BDAT, $name', ({ open }) => {
  it('takes a message in one chunk', async () => {
    await using rig = inbox(bdat());
    const client = await ready(open, rig);
    await script(client, 'C: BDAT 12 LAST\nC: Subject: x\nS: 250 /^Kept as /\nC: NOOP\nS: 250 OK');
    expect(rig.kept).toEqual([{ content: 'Subject: x\r\n', to: ['b@server.example'] }]);
  });

  it('takes the octets of several chunks as they are: no dots, lines or commands in them', async () => {
    await using rig = inbox(bdat());
    const client = await ready(open, rig);
    const content = 'Subject: x\r\n\r\n.\r\n..\nQUIT\r\n\0\xff\r\r\n.\r\nRSET\r\n.';
    const chunks = [content.slice(0, 15), content.slice(15, 16), '', content.slice(16)];
    for (const chunk of chunks) {
      client.send(Buffer.from(`BDAT ${chunk.length}\r\n${chunk}`, 'latin1'));
      expect(await client.reply()).toMatchObject({ code: 250, text: `${chunk.length} octets received` });
    }
    await script(client, 'C: BDAT 0 LAST\nS: 250 /^Kept as /');
    expect(rig.kept).toEqual([{ content, to: ['b@server.example'] }]);
  });

  it('answers each chunk of a pipeline, in order', async () => {
    await using rig = inbox(bdat());
    const client = await ready(open, rig);
    await script(
      client,
      `C: BDAT 6
       C: QUIT
       C: BDAT 3
       C: x
       C: BDAT 3 LAST
       C: y
       C: NOOP
       S: 250 6 octets received
       S: 250 3 octets received
       S: 250 /^Kept as /
       S: 250 OK`,
    );
    expect(rig.kept).toMatchObject([{ content: 'QUIT\r\nx\r\ny\r\n' }]);
  });

  it('takes an empty message', async () => {
    await using rig = inbox(bdat());
    await script(await ready(open, rig), 'C: BDAT 0 LAST\nS: 250 /^Kept as /');
    expect(rig.kept).toMatchObject([{ content: '' }]);
  });

  it('is no idle command, however many chunks a message has', async () => {
    await using rig = inbox(bdat(), { limits: { idleCommands: 3 } });
    const client = await ready(open, rig);
    for (let chunk = 0; chunk < 10; chunk++) await script(client, 'C: BDAT 2\nC: \nS: 250 2 octets received');
    await script(client, 'C: BDAT 0 LAST\nS: 250 /^Kept as /');
  });

  it('keeps DATA, MAIL and RCPT out until the message is whole or dropped', async () => {
    await using rig = inbox(bdat());
    const client = await ready(open, rig);
    await script(
      client,
      `C: BDAT 3
       C: x
       S: 250
       C: DATA
       S: 503
       C: MAIL FROM:<other@client.example>
       S: 503
       C: RCPT TO:<other@server.example>
       S: 503
       C: BDAT 3 LAST
       C: y
       S: 250`,
    );
    expect(rig.kept).toEqual([{ content: 'x\r\ny\r\n', to: ['b@server.example'] }]);
  });

  it.each(['RSET', 'EHLO client.example', 'HELO client.example'])('forgets the chunks at %s', async (line) => {
    await using rig = inbox(bdat());
    const client = await ready(open, rig);
    await script(client, `C: BDAT 3\nC: x\nS: 250\nC: ${line}\nS: 250`);
    await script(client, `C: BDAT 6 LAST\nC: QUIT\nS: ${line.startsWith('HELO') ? 500 : 503}\nC: NOOP\nS: 250`);
    await script(client, 'C: MAIL FROM:<a@client.example>\nS: 250\nC: RCPT TO:<b@server.example>\nS: 250');
    if (!line.startsWith('HELO')) await script(client, 'C: BDAT 3 LAST\nC: z\nS: 250');
    expect(rig.kept.map(({ content }) => content)).toEqual(line.startsWith('HELO') ? [] : ['z\r\n']);
  });

  it.each(['', 'x', '-1', '1 FIRST', '1x', '0x10', '1.5', '9999999999999', '1 LAST LAST'])(
    'closes after BDAT with arguments %j: nobody knows where its octets end',
    async (args) => {
      await using rig = inbox(bdat());
      const client = await ready(open, rig);
      client.send(`BDAT ${args}\r\nRSET\r\nQUIT\r\n`);
      expect(await client.reply()).toMatchObject({ code: 501 });
      expect(await client.closed()).toBe('');
    },
  );
});

interface Refusal {
  readonly by: string;
  readonly code: number;
  readonly prepare: (client: Client) => Promise<unknown>;
  readonly plugin?: () => Plugin;
}

const at = (by: string, code: number, prepare: Refusal['prepare']): Refusal => ({ by, code, prepare });
const by = (by: string, plugin: () => Plugin, code = 450): Refusal => ({ by, code, prepare: begin, plugin });

/** Every path on which a chunk of octets is refused. */
const refusals: readonly Refusal[] = [
  at('before the client greeted', 500, (client) => client.reply()),
  at('after HELO, which offers nothing', 500, (client) => script(client, 'S: 220\nC: HELO x\nS: 250')),
  at('without a transaction', 503, (client) => script(client, 'S: 220\nC: EHLO x\nS: 250')),
  at('without a recipient', 554, (client) => script(client, 'S: 220\nC: EHLO x\nS: 250\nC: MAIL FROM:<>\nS: 250')),
  by('by a ring that answers first', () => limiter(1, 'before')),
  by('by a ring that answers last', () => limiter(1, 'after')),
  by('by a ring that says 250 without asking', () => limiter(1, 'before', replies.ok), 451),
  by('by the data stage', () => ({ name: 'no', stages: { data: async () => no } })),
  by('by a body hook', () => ({ name: 'no', stages: { body: refuse } })),
  by('by a tap', () => tapping((ctx) => ctx.refuse(no))),
  by('by a tap that throws', () => tapping(thrown)),
];

const refuse = (ctx: BodyContext): undefined => {
  ctx.refuse(no);
};

/** A tap that does so at every chunk. */
function tapping(write: (ctx: BodyContext) => void): Plugin {
  return { name: 'tapping', stages: { body: (ctx) => ({ write: () => write(ctx) }) } };
}

async function begin(client: Client): Promise<void> {
  await client.hello();
  await script(client, 'C: MAIL FROM:<a@client.example>\nS: 250\nC: RCPT TO:<b@server.example>\nS: 250');
}

function thrown(): never {
  throw new SmtpError(no);
}

describe.each(ways)('a refused BDAT, $name', ({ open }) => {
  it.each(refusals)('$by: $code, and its octets are no commands', async ({ code, prepare, plugin }) => {
    await using rig = inbox([bdat(), plugin?.()]);
    const client = await open(rig.server);
    await prepare(client);
    await script(client, `C: BDAT 12\nC: QUIT\nC: RSET\nC: NOOP\nS: ${code}\nS: 250 OK`);
  });

  it.each(refusals)('$by: $code, and the rest of the message is refused too', async ({ code, prepare, plugin }) => {
    await using rig = inbox([bdat(), plugin?.()]);
    const client = await open(rig.server);
    await prepare(client);
    await script(client, `C: BDAT 3\nC: x\nC: BDAT 3 LAST\nC: y\nC: NOOP\nS: ${code}`);
    expect((await client.reply()).code).toBeGreaterThanOrEqual(500);
    await script(client, 'S: 250 OK');
    expect(rig.kept).toEqual([]);
  });

  it.each(['before', 'after'] as const)(
    'in the middle, by a ring %s the handler: no message has a hole',
    async (when) => {
      await using rig = inbox([bdat(), limiter(2, when)]);
      const client = await ready(open, rig);
      await script(
        client,
        `C: BDAT 3
       C: x
       C: BDAT 3
       C: y
       C: BDAT 3 LAST
       C: z
       S: 250
       S: 450
       S: 503
       C: MAIL FROM:<a@client.example>
       S: 250`,
      );
      expect(rig.kept).toEqual([]);
    },
  );

  it.each(['before', 'after'] as const)('at the empty end, by a ring %s the handler', async (when) => {
    await using rig = inbox([bdat(), limiter(2, when)]);
    const client = await ready(open, rig);
    await script(client, `C: BDAT 3\nC: x\nS: 250\nC: BDAT 0 LAST\nS: ${when === 'before' ? 450 : 250}`);
    await script(client, 'C: MAIL FROM:<a@client.example>\nS: 250');
    // Once a sink has committed, 450 would bring a second copy.
    expect(rig.kept).toHaveLength(when === 'before' ? 0 : 1);
  });

  it('because the client vanished in it: nothing is kept, and the taps hear of it', async () => {
    const told: string[] = [];
    const tap = { write: (octets: Buffer) => void told.push(octets.toString()), abort: () => void told.push('abort') };
    await using rig = inbox([
      bdat(),
      { name: 'tap', stages: { body: () => tap, close: ({ cause }) => void told.push(cause) } },
    ]);
    const client = await ready(open, rig);
    client.send('BDAT 100 LAST\r\nSubject: half');
    client.end();
    await client.closed();
    await rig[Symbol.asyncDispose]();
    expect(told.join('')).toBe('Subject: halfabortlost');
    expect(rig.kept).toEqual([]);
  });

  it('whose line is too long: its octets are no commands', async () => {
    const longer: Plugin = { name: 'longer', verbs: { LONG: { octets: 10_000, handle: async () => replies.ok } } };
    await using rig = inbox([bdat(), longer]);
    const client = await ready(open, rig);
    await script(client, `C: BDAT 6${' '.repeat(5000)}LAST\nC: QUIT\nC: NOOP\nS: 500\nS: 250 OK`);
  });
});
