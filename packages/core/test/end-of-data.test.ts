import { inMemory, ways } from '@maitred/testing';
import type { Client, Way } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import type { ServerOptions } from '../src/index.ts';
import { mailbox, servesTheNext } from './kit.ts';
import type { Kept } from './kit.ts';

/** A client that was told 354, and what the server keeps. */
async function atData(way: Way, options?: Partial<ServerOptions>): Promise<{ client: Client; kept: Kept[] }> {
  const box = mailbox(options);
  servesTheNext(box, way);
  const client = await way.open(box.server);
  await client.hello();
  await client.command('MAIL FROM:<a@client.example>');
  await client.command('RCPT TO:<b@mx.example>');
  await client.command('DATA');
  return { client, kept: box.kept };
}

/** What some servers take for the end, and what a smuggler would put behind it. */
const lookalikes: readonly string[] = [
  '\n.\n',
  '\n.\r\n',
  '\r\n.\n',
  '\r.\r',
  '\r\n.\r',
  '\r.\r\n',
  '\n.\r',
  '\r\r\n.\r\r\n',
  '\r\n.\r\r\n',
  '\n\n.\n\n',
  '\n.',
  '\0\n.\n',
  '\n\0.\n',
  '\n.\0\n',
  '\r\n.\0\n',
  '\r\0\n.\r\0\n',
  '\n\r.\n\r',
].map((end) => `before${end}`);

const smuggled = 'MAIL FROM:<admin@mx.example>\r\nRCPT TO:<b@mx.example>\r\nDATA\r\nsecond\r\n';

describe.each(ways)('bare line endings, $name', (way) => {
  it.each(lookalikes)('%j end no message: it is refused, whole, at its true end', async (content) => {
    const { client, kept } = await atData(way);
    client.send(`${content}${smuggled}`);
    client.send('\r\n.\r\n');
    expect(await client.reply()).toMatchObject({ code: 554, enhanced: '5.6.0' });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
    expect(kept).toEqual([]);
  });

  it.each(lookalikes)('%j are one message where the server converts', async (content) => {
    const { client, kept } = await atData(way, { bareLineEndings: 'convert' });
    client.send(`${content}${smuggled}`);
    client.send('\r\n.\r\n');
    expect(await client.reply()).toMatchObject({ code: 250 });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
    expect(kept).toHaveLength(1);
    expect(kept[0]?.content).not.toMatch(/\r(?!\n)|(?<!\r)\n/);
    expect(kept[0]?.content).toContain(smuggled);
  });
});

/** Only these look like an end and are content. */
const content: readonly [string, string][] = [
  ['\r\n..\r\n', '\r\n.\r\n'],
  ['\r\n. \r\n', '\r\n \r\n'],
  ['\r\n.\t\r\n', '\r\n\t\r\n'],
  ['\r\n.\0\r\n', '\r\n\0\r\n'],
  ['\r\n\0.\r\n', '\r\n\0.\r\n'],
  ['\r\n...\r\n', '\r\n..\r\n'],
  ['\r\n.x\r\n', '\r\nx\r\n'],
  [' .\r\n', ' .\r\n'],
  ['\u0085.\u0085', '\u0085.\u0085'],
  ['\u2028.\u2028', '\u2028.\u2028'],
  ['\v.\v\f.\f', '\v.\v\f.\f'],
];

describe.each(ways)('what only looks like an end, $name', (way) => {
  it.each(content)('%j is content', async (sent, stored) => {
    const { client, kept } = await atData(way);
    client.send(`before${sent}${smuggled}.\r\n`);
    expect(await client.reply()).toMatchObject({ code: 250 });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
    expect(kept.map((mail) => Buffer.from(mail.content, 'latin1').toString())).toEqual([`before${stored}${smuggled}`]);
  });

  it('in front of all content, a dot alone is the end', async () => {
    const { client, kept } = await atData(way);
    expect(await client.command('.')).toMatchObject({ code: 250 });
    expect(kept).toMatchObject([{ content: '' }]);
  });

  it('in front of all content, a stuffed dot is content', async () => {
    const { client, kept } = await atData(way);
    client.send('..\r\n.\r\n');
    expect(await client.reply()).toMatchObject({ code: 250 });
    expect(kept).toMatchObject([{ content: '.\r\n' }]);
  });
});

describe('the final dot', () => {
  const whole = Buffer.from('one\r\n..two\r\n.\r\nNOOP\r\nMAIL FROM:<c@client.example>\r\nRSET\r\n');
  it.each(Array.from({ length: whole.length - 1 }, (_, at) => at + 1))(
    'is found when the packets are cut at octet %i, and what follows is commands',
    async (at) => {
      const { client, kept } = await atData(inMemory);
      client.send(whole.subarray(0, at));
      client.send(whole.subarray(at));
      const codes = [];
      for (let n = 0; n < 4; n += 1) codes.push((await client.reply()).code);
      expect(codes).toEqual([250, 250, 250, 250]);
      expect(kept).toMatchObject([{ content: 'one\r\n.two\r\n' }]);
    },
  );
});
