import { ways } from '@maitred/testing';
import type { Client, Way } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import type { ServerOptions } from '../src/index.ts';
import { mailbox, servesTheNext } from './kit.ts';

async function greeted(way: Way, options?: Partial<ServerOptions>): Promise<Client> {
  const box = mailbox(options);
  servesTheNext(box, way);
  const client = await way.open(box.server);
  await client.hello();
  return client;
}

const utf8 = (text: string): Buffer => Buffer.from(text);
const octets = (...of: number[]): Buffer => Buffer.from(of);

describe.each(ways)('a line, $name', (way) => {
  it.each<[string, Uint8Array, number]>([
    ['with a NUL', utf8('NOOP \0\r\n'), 500],
    ['with a NUL in its verb', utf8('NO\0OP\r\n'), 500],
    ['with a bare CR', utf8('NOOP a\rb\r\n'), 500],
    ['with a bare CR before its CRLF', utf8('NOOP\r\r\n'), 500],
    ['with an escape sequence', utf8('NOOP \x1b[31m\r\n'), 500],
    ['with an octet that is no UTF-8', Buffer.concat([utf8('NOOP '), octets(0xff), utf8('\r\n')]), 500],
    ['with an overlong slash', Buffer.concat([utf8('NOOP '), octets(0xc0, 0xaf), utf8('\r\n')]), 500],
    ['with a surrogate', Buffer.concat([utf8('NOOP '), octets(0xed, 0xa0, 0x80), utf8('\r\n')]), 500],
    ['with a C1 control', utf8('NOOP \u0085\r\n'), 500],
    ['with a line separator', utf8('NOOP \u2028\r\n'), 500],
    ['with an octet beyond ASCII in its verb', utf8('ÑOOP\r\n'), 554],
    ['that is empty', utf8('\r\n'), 500],
    ['that is a CR', utf8('\r\r\n'), 554],
  ])('%s is refused, and the session goes on unless it is no mail client', async (_, line, code) => {
    const client = await greeted(way);
    client.send(line);
    expect(await client.reply()).toMatchObject({ code, enhanced: '5.5.2' });
    if (code === 554) expect(await client.closed()).toBe('');
    else expect(await client.command('NOOP')).toMatchObject({ code: 250 });
  });

  it.each([
    'NOOP\nMAIL FROM:<a@client.example>\r\n',
    '\n',
    'NOOP\n',
    'MAIL FROM:<a@client.example>\nNOOP\r\n',
    '\n\r\n',
  ])('that ends in a bare LF, as in %j, is answered once, and nothing behind it runs', async (sent) => {
    const client = await greeted(way);
    client.send(sent);
    expect(await client.reply()).toMatchObject({ code: 500, enhanced: '5.5.2' });
    expect(await client.closed()).toBe('');
  });

  it('may end in a bare LF where the server converts', async () => {
    const client = await greeted(way, { bareLineEndings: 'convert' });
    client.send('NOOP\n');
    expect(await client.reply()).toMatchObject({ code: 250 });
    client.send('NOOP a\rb\n');
    expect(await client.reply()).toMatchObject({ code: 500 });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
  });

  it('may have 2,048 octets with its CRLF, and no more', async () => {
    const client = await greeted(way);
    expect(await client.command(`NOOP ${'x'.repeat(2041)}`)).toMatchObject({ code: 250 });
    expect(await client.command(`NOOP ${'x'.repeat(2042)}`)).toMatchObject({ code: 500, enhanced: '5.5.2' });
    expect(await client.command(`MAIL FROM:<a@client.example>${' '.repeat(2100)}`)).toMatchObject({ code: 500 });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
  });

  it('may be as long as the limit says', async () => {
    const client = await greeted(way, { limits: { commandLine: 600 } });
    expect(await client.command(`NOOP ${'x'.repeat(593)}`)).toMatchObject({ code: 250 });
    expect(await client.command(`NOOP ${'x'.repeat(594)}`)).toMatchObject({ code: 500 });
  });

  it('that is too long is one error, and its tail no command', async () => {
    const client = await greeted(way);
    const tail = ' MAIL FROM:<a@client.example>'.repeat(200);
    expect(await client.command(`${'x'.repeat(2048)}${tail}`)).toMatchObject({ code: 500, enhanced: '5.5.2' });
    expect(await client.command('RCPT TO:<b@mx.example>')).toMatchObject({ code: 503 });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
  });
});
