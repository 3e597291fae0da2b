import { ways } from '@maitred/testing';
import type { Client, Way } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { definePlugin, replies } from '../src/index.ts';
import type { Plugin, ServerOptions, VerbSpec } from '../src/index.ts';
import { mailbox, servesTheNext } from './kit.ts';
import type { Kept } from './kit.ts';

/** Content in counted pieces, as a third party may bring it: `PIECE size`, and at the end `PIECE size LAST`. */
function pieces(options?: { readonly binary: boolean }): Plugin {
  return definePlugin({
    name: 'pieces',
    verbs: {
      PIECE: {
        owes: (args) => Number.parseInt(args, 10),
        handle: async (verb) => {
          const body = await verb.openBody('chunks', options);
          for await (const octets of verb.octets(Number.parseInt(verb.args, 10))) await body.write(octets);
          return verb.args.endsWith('LAST') ? body.end() : (body.refused ?? replies.ok);
        },
      },
    },
  });
}

async function ready(way: Way, plugin: Plugin, options?: Partial<ServerOptions>): Promise<[Client, Kept[]]> {
  const box = mailbox(options);
  box.server.use(plugin);
  servesTheNext(box, way);
  const client = await way.open(box.server);
  await client.hello();
  await client.command('MAIL FROM:<a@client.example>');
  await client.command('RCPT TO:<b@mx.example>');
  return [client, box.kept];
}

/** Sends the pieces one behind the other; gives the replies' codes. */
async function send(client: Client, ...all: readonly string[]): Promise<number[]> {
  const codes: number[] = [];
  for (const [at, piece] of all.entries()) {
    client.send(`PIECE ${piece.length}${at === all.length - 1 ? ' LAST' : ''}\r\n${piece}`);
    codes.push((await client.reply()).code);
  }
  return codes;
}

const bare: readonly (readonly string[])[] = [
  ['a\nb\r\n'],
  ['a\rb\r\n'],
  ['a\r', 'b\r\n'],
  ['a\r\n\r'],
  ['\n'],
  ['\r'],
];

describe.each(ways)('counted text, $name', (way) => {
  it.each(bare)('with a bare CR or LF is refused, however it is cut: %j %j', async (...text) => {
    const [client, kept] = await ready(way, pieces());
    expect((await send(client, ...text)).at(-1)).toBe(554);
    expect(await client.command('MAIL FROM:<a@client.example>')).toMatchObject({ code: 250 });
    expect(kept).toEqual([]);
  });

  it.each(bare)('is converted where the server does that: %j %j', async (...text) => {
    const [client, kept] = await ready(way, pieces(), { bareLineEndings: 'convert' });
    expect((await send(client, ...text)).at(-1)).toBe(250);
    expect(kept).toMatchObject([{ content: text.join('').replaceAll(/\r\n|\r|\n/g, '\r\n') }]);
  });

  it('may have its line ends cut, and anything else in it', async () => {
    const [client, kept] = await ready(way, pieces());
    expect(await send(client, 'a\r', '\n.\r\n\0', '', 'no end')).toEqual([250, 250, 250, 250]);
    expect(kept).toMatchObject([{ content: 'a\r\n.\r\n\0no end' }]);
  });

  it('names the fault as soon as it came', async () => {
    const [client] = await ready(way, pieces());
    client.send('PIECE 3\r\na\nb');
    expect(await client.reply()).toMatchObject({ code: 554, enhanced: '5.6.0' });
  });
});

/** Ten octets follow its line. */
const split = (handle: VerbSpec['handle']): Plugin =>
  definePlugin({ name: 'split', verbs: { SPLIT: { owes: () => 10, handle } } });

async function textOf(pieces: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece.toString();
  return text;
}

describe.each(ways)('counted pieces of one command, $name', (way) => {
  it('are as long as was asked, also when asked for before any was read', async () => {
    const [client] = await ready(
      way,
      split(async (verb) => {
        const [head, rest] = [verb.octets(3), verb.octets(7)];
        return replies.of(250, '2.0.0', `${await textOf(head)} ${await textOf(rest)}`);
      }),
    );
    client.send('SPLIT\r\n0123456789NOOP\r\n');
    expect((await client.reply()).text).toBe('2.0.0 012 3456789');
    expect(await client.reply()).toMatchObject({ code: 250, enhanced: '2.0.0' });
  });

  it.each([11, Number.NaN])('may not be %d octets of 10', async (count) => {
    const failed: unknown[] = [];
    const [client] = await ready(
      way,
      split(async (verb) => {
        await textOf(verb.octets(count)).catch((error: unknown) => failed.push(error));
        return replies.ok;
      }),
    );
    client.send('SPLIT\r\n0123456789NOOP\r\n');
    expect([(await client.reply()).code, (await client.reply()).code]).toEqual([451, 250]);
    expect(failed).toMatchObject([{ code: 'MAITRED_NOT_OWED' }]);
  });

  it('may not be more together than are owed', async () => {
    const failed: unknown[] = [];
    const [client] = await ready(
      way,
      split(async (verb) => {
        const [one, other] = [verb.octets(6), verb.octets(6)];
        await textOf(one);
        await textOf(other).catch((error: unknown) => failed.push(error));
        return replies.ok;
      }),
    );
    client.send('SPLIT\r\n0123456789NOOP\r\n');
    expect([(await client.reply()).code, (await client.reply()).code]).toEqual([451, 250]);
    expect(failed).toMatchObject([{ code: 'MAITRED_NOT_OWED' }]);
  });
});

describe.each(ways)('counted binary content, $name', (way) => {
  it.each(['refuse', 'convert'] as const)('passes as it is, whatever becomes of text: %s', async (bareLineEndings) => {
    const [client, kept] = await ready(way, pieces({ binary: true }), { bareLineEndings });
    const content = '\r\r\n\n.\n\r\n.\r\n\0\r';
    expect(await send(client, ...content.split(''))).not.toContain(554);
    expect(kept).toMatchObject([{ content }]);
  });
});

const command = 'MAIL FROM:<mallory@client.example>\r\n';

describe.each(ways)('a command line that octets follow, $name', (way) => {
  it.each([
    ['with a control character', `PIECE ${command.length}\0 LAST`],
    ['with a tab', `PIECE\t${command.length}`],
    ['with an octet that is no UTF-8', Buffer.concat([Buffer.from(`PIECE ${command.length} `), Buffer.of(0xff)])],
    ['in lower case', `piece ${command.length}\0`],
    ['longer than any may be', `PIECE ${command.length}${' '.repeat(3000)}LAST`],
  ])('and that is none: %s, closes: nobody knows where they end', async (_, line) => {
    const [client] = await ready(way, pieces());
    client.send(Buffer.concat([Buffer.from(line), Buffer.from(`\r\n${command}`)]));
    expect(await client.reply()).toMatchObject({ code: 500, enhanced: '5.5.2' });
    expect(await client.closed()).toBe('');
  });

  it('is no word that only begins like it', async () => {
    const [client] = await ready(way, pieces());
    await expect(client.command('PIECES 5\0')).resolves.toMatchObject({ code: 500 });
    await expect(client.command(`PIECES${'x'.repeat(3000)}`)).resolves.toMatchObject({ code: 500 });
    await expect(client.command('NOOP')).resolves.toMatchObject({ code: 250 });
  });
});
