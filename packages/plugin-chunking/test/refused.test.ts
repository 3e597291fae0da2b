import { replies, type BodyContext, type Plugin } from '@maitred/core';
import { size } from '@maitred/plugin-esmtp';
import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { bdat, ready, receiver } from './receiver.ts';

const mail = 'MAIL FROM:<a@client.example>';
const no = replies.of(450, '4.7.1', 'Not now');
const refusing = (where: Plugin['stages']): Plugin => ({ name: 'refusing', stages: where ?? {} });
const tapping = (write: (ctx: BodyContext) => void): Plugin =>
  refusing({ body: (ctx) => ({ write: () => write(ctx) }) });
const refuses = (ctx: BodyContext): undefined => {
  ctx.refuse(no);
};
const throws = (): never => {
  throw new Error('not for the client to read');
};

describe.each(ways)('a refused chunk, $name', (way) => {
  it.each<[string, number, Plugin]>([
    [
      'a ring that answers first',
      450,
      refusing({ command: async (ctx, next) => (ctx.command.verb === 'BDAT' ? no : next()) }),
    ],
    [
      'a ring that answers last',
      450,
      refusing({
        command: async (ctx, next) => {
          const reply = await next();
          return ctx.command.verb === 'BDAT' ? no : reply;
        },
      }),
    ],
    ['the data stage', 450, refusing({ data: async () => no })],
    ['the data stage, which throws', 451, refusing({ data: throws })],
    ['a body hook', 450, refusing({ body: refuses })],
    ['a body hook, which throws', 451, refusing({ body: throws })],
    ['a tap', 450, tapping((ctx) => ctx.refuse(no))],
    ['a tap, which throws', 451, tapping(throws)],
    ['SIZE', 552, size({ maximum: 5 })],
  ])('by %s: its octets are no commands, and the rest of the message is 503', async (_, code, plugin) => {
    await using rig = receiver(plugin);
    const client = await ready(way, rig);
    await script(
      client,
      `C: BDAT 12\nC: QUIT\nC: RSET\nC: BDAT 6\nC: NOOP\nC: BDAT 6 LAST\nC: QUIT\nC: NOOP\nS: ${code}`,
    );
    const behind = [await client.reply(), await client.reply()];
    // The ring that answers first answers these too.
    expect(behind.map((reply) => [450, 503].includes(reply.code))).toEqual([true, true]);
    await script(client, `S: 250 /OK/\nC: ${mail}\nS: 250`);
    expect(rig.kept).toEqual([]);
  });

  it('by SIZE ends the connection where too much more was announced', async () => {
    await using rig = receiver(size({ maximum: 5, hardCap: 100 }));
    const client = await ready(way, rig);
    client.send(`BDAT 9007199254740991 LAST\r\n${'x'.repeat(200)}`);
    expect(await client.reply()).toMatchObject({ code: 552, enhanced: '5.3.4' });
    expect(await client.closed()).toBe('');
  });

  it('by who wants the connection to end is not read to its end', async () => {
    await using rig = receiver(refusing({ data: async () => replies.closing(no) }));
    const client = await ready(way, rig);
    client.send('BDAT 9007199254740991 LAST\r\n');
    expect(await client.reply()).toMatchObject({ code: 450 });
    expect(await client.closed()).toBe('');
  });

  it('in the middle leaves no message with a hole', async () => {
    let seen = 0;
    const second = refusing({
      command: async (ctx, next) => (ctx.command.verb === 'BDAT' && ++seen === 2 ? no : next()),
    });
    await using rig = receiver(second);
    const client = await ready(way, rig);
    client.send(Buffer.concat([bdat('x\r\n'), bdat('y\r\n'), bdat('z\r\n', 'LAST')]));
    await script(client, `S: 250\nS: 450\nS: 503\nC: ${mail}\nS: 250`);
    expect(rig.kept).toEqual([]);
  });

  it('because the client vanished in it keeps nothing, and the taps hear of it once', async () => {
    const told: string[] = [];
    await using rig = receiver();
    rig.server
      .on('body', () => ({
        write: (octets) => void told.push(octets.toString()),
        abort: () => void told.push('abort '),
      }))
      .on('close', ({ cause }) => void told.push(cause));
    const client = await ready(way, rig);
    client.send('BDAT 100 LAST\r\nSubject: half ');
    client.end();
    await client.closed();
    await rig[Symbol.asyncDispose]();
    expect(told.join('')).toBe('Subject: half abort lost');
    expect(rig.kept).toEqual([]);
  });
});
