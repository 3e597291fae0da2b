import { definePlugin, replies, type Plugin } from '@maitred/core';
import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { bdat } from './bdat.ts';
import { inbox, receiver, type Receiver } from './receiver.ts';

/** Notes what each stage is told of a message; the octets a tap sees may be cut anywhere. */
function witness(noted: string[]): Plugin {
  return definePlugin({
    name: 'witness',
    accepts: { who: 'anybody', claim: async () => replies.ok },
    answer: (_transaction, one, outcomes) => {
      noted.push(`answer ${one.code} ${outcomes.length}`);
      return undefined;
    },
    stages: {
      data: async (ctx, next) => {
        noted.push(`data for ${ctx.recipients.length}`);
        return next();
      },
      body: () => {
        let octets = '';
        return {
          write: (chunk) => void (octets += chunk.toString('latin1')),
          end: () => void noted.push(`tap ${octets}`),
        };
      },
      message: async (ctx, next) => {
        noted.push(`message ${(await ctx.content.bytes(1000)).toString('latin1')}`);
        noted.push(`fields ${JSON.stringify(await ctx.content.header.fields())}`);
        return next();
      },
      deliver: ({ content, recipients }) => ({
        recipients,
        prepare: async () => void noted.push(`prepare ${content.size}`),
        commit: async () => void noted.push('commit'),
      }),
    },
  });
}

const content = 'Subject: one\r\nX: folded\r\n over two\r\n\r\nText\r\n.\r\n..dots\r\n';

const chunks = (sizes: readonly number[]): string => {
  let from = 0;
  const commands = sizes.map((size, at) => {
    const chunk = content.slice(from, (from += size));
    return `BDAT ${chunk.length}${at === sizes.length - 1 ? ' LAST' : ''}\r\n${chunk}`;
  });
  return commands.join('');
};

/** What a witness was told of the message that is sent so. */
async function told(send: (rig: Receiver, transaction: string) => Promise<number>): Promise<readonly string[]> {
  const noted: string[] = [];
  await using rig = receiver([bdat(), witness(noted)]);
  expect(await send(rig, 'MAIL FROM:<a@client.example>\r\nRCPT TO:<b@server.example>\r\n')).toBe(250);
  return noted;
}

describe.each(ways)('a message, $name', ({ open }) => {
  const byData = async ({ server }: Receiver): Promise<number> => {
    const client = await open(server);
    await client.hello();
    const { code } = await client.mail({ content });
    return code;
  };

  it.each([
    { how: 'in one chunk', sizes: [999] },
    { how: 'cut inside the header', sizes: [3, 999] },
    { how: 'cut inside a line end and before a dot', sizes: [13, 1, 23, 1, 1, 6, 2, 999] },
    { how: 'with an empty last chunk', sizes: [999, 0] },
    { how: 'octet by octet', sizes: Array.from(content, () => 1) },
  ])('$how reaches stages, taps and sinks exactly like one of DATA', async ({ sizes }) => {
    const byChunks = async ({ server }: Receiver, transaction: string): Promise<number> => {
      const client = await open(server);
      await client.hello();
      client.send(transaction + chunks(sizes));
      let last = await client.reply();
      for (let more = sizes.length + 1; more > 0; more--) last = await client.reply();
      return last.code;
    };
    expect(await told(byChunks)).toEqual(await told(byData));
  });
});

describe.each(ways)('a body, $name', ({ open }) => {
  it('ends once, however often it is told to, and takes nothing after', async () => {
    const twice: Plugin = {
      name: 'twice',
      verbs: {
        TWICE: {
          owes: () => 3,
          handle: async (verb) => {
            const body = await verb.openBody('chunks');
            for await (const octets of verb.octets(3)) await body.write(octets);
            const [one, other] = await Promise.all([body.end(), body.end()]);
            await body.write(Buffer.from('more'));
            return one === other ? body.end() : replies.badSequence;
          },
        },
      },
    };
    await using rig = inbox(twice);
    const client = await open(rig.server);
    await client.hello();
    await script(
      client,
      'C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<b@x>\nS: 250\nC: TWICE\nC: x\nS: 250 /^Kept/\nC: NOOP\nS: 250',
    );
    expect(rig.kept).toMatchObject([{ content: 'x\r\n' }]);
  });
});
