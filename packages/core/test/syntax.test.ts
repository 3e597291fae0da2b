import { ways } from '@maitred/testing';
import type { Client, Way } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import type { ServerOptions } from '../src/index.ts';
import { mailbox } from './kit.ts';

async function greeted(open: Way['open'], options?: Partial<ServerOptions>): Promise<Client> {
  const client = await open(mailbox(options).server);
  await client.hello();
  return client;
}

describe.each(ways)('syntax, $name', ({ open }) => {
  it.each([
    ['HELO', 501, '5.5.4'],
    ['EHLO', 501, '5.5.4'],
    ['EHLO two words', 501, '5.5.4'],
    ['EHLO <client.example>', 501, '5.5.4'],
    [`EHLO ${'x'.repeat(256)}`, 501, '5.5.4'],
    ['EHLO münchen.example', 501, '5.5.4'],
    ['RSET now', 501, '5.5.4'],
    ['QUIT now', 501, '5.5.4'],
    ['VRFY', 501, '5.5.4'],
    ['MAIL', 501, '5.1.7'],
    ['MAIL FROM', 501, '5.1.7'],
    ['MAIL TO:<a@b.example>', 501, '5.1.7'],
    ['BOGUS', 500, '5.5.2'],
    ['X', 500, '5.5.2'],
    ['MAILFROM:<a@b.example>', 554, '5.5.2'],
    ['', 500, '5.5.2'],
    ['NO OP', 500, '5.5.2'],
    ['NOOP\tx', 500, '5.5.2'],
    ['NOOP?', 500, '5.5.2'],
    ['EXPN', 502, '5.5.1'],
    ['EXPN list', 502, '5.5.1'],
  ])('%s is answered %i %s', async (command, code, enhanced) => {
    const client = await greeted(open);
    expect(await client.command(command)).toMatchObject({ code, enhanced });
    if (code !== 554) expect(await client.command('NOOP')).toMatchObject({ code: 250 });
  });

  it.each([
    ['EHLO under_score', 250],
    ['EHLO localhost', 250],
    ['EHLO [192.0.2.1]', 250],
    ['EHLO [IPv6:2001:db8::1]', 250],
    [`EHLO ${'x'.repeat(255)}`, 250],
    ['NOOP whatever you say', 250],
    ['NOOP ', 250],
    ['noop', 250],
    ['NoOp', 250],
    ['RSET  \t ', 250],
    ['HELP MAIL', 214],
    ['VRFY somebody', 252],
    ['VRFY "some body" <a@mx.example>', 252],
  ])('%s is answered %i', async (command, code) => {
    const client = await greeted(open);
    expect(await client.command(command)).toMatchObject({ code });
  });

  it('answers VRFY in the same words for every address', async () => {
    const { server } = mailbox();
    const client = await open(server);
    await client.hello();
    const said = [];
    for (const who of ['a', 'a@mx.example', 'nobody@elsewhere.example', 'postmaster'])
      said.push((await client.command(`VRFY ${who}`)).raw);
    expect(new Set(said).size).toBe(1);
  });

  it('answers DATA with arguments 501 and keeps the transaction', async () => {
    const client = await greeted(open);
    await client.command('MAIL FROM:<a@client.example>');
    await client.command('RCPT TO:<b@mx.example>');
    expect(await client.command('DATA now')).toMatchObject({ code: 501, enhanced: '5.5.4' });
    expect(await client.command('DATA')).toMatchObject({ code: 354 });
  });
});

describe.each(ways)('a parameter, $name', ({ open }) => {
  it.each([
    ['MAIL FROM:<a@client.example> SIZE=100', 555, '5.5.4'],
    ['MAIL FROM:<a@client.example> body=8bitmime', 555, '5.5.4'],
    ['MAIL FROM:<a@client.example> X', 555, '5.5.4'],
    ['MAIL FROM:<a@client.example> X=', 501, '5.5.4'],
    ['MAIL FROM:<a@client.example> =X', 501, '5.5.4'],
    ['MAIL FROM:<a@client.example> X=a=b', 501, '5.5.4'],
    ['MAIL FROM:<a@client.example> X_Y=1', 501, '5.5.4'],
    ['MAIL FROM:<a@client.example> AUTH=<> AUTH=<>', 501, '5.5.4'],
    ['MAIL FROM:<a@client.example> AUTH=<> auth=a', 501, '5.5.4'],
    ['MAIL FROM:<a@client.example>AUTH=<>', 501, '5.1.7'],
    ['MAIL FROM:<a@client.example> AUTH=<>', 250, '2.1.0'],
    ['MAIL FROM:<a@client.example> auth=a+2Bb@client.example', 250, '2.1.0'],
    ['MAIL FROM:<a@client.example>   ', 250, '2.1.0'],
    ['MAIL FROM:<a@client.example>   AUTH=<>', 250, '2.1.0'],
  ])('in %s is answered %i %s', async (command, code, enhanced) => {
    const client = await greeted(open);
    expect(await client.command(command)).toMatchObject({ code, enhanced });
    expect(await client.command('RSET')).toMatchObject({ code: 250 });
    expect(await client.mail()).toMatchObject({ code: 250 });
  });

  it('that nobody owns is refused on RCPT too', async () => {
    const client = await greeted(open);
    await client.command('MAIL FROM:<a@client.example>');
    expect(await client.command('RCPT TO:<b@mx.example> NOTIFY=NEVER')).toMatchObject({ code: 555 });
    expect(await client.command('RCPT TO:<b@mx.example> AUTH=<>')).toMatchObject({ code: 555 });
    expect(await client.command('DATA')).toMatchObject({ code: 554 });
  });

  it('is ignored when the server was told to', async () => {
    const client = await greeted(open, { ignoredParameters: { MAIL: ['SIZE'], RCPT: ['NOTIFY'] } });
    expect(await client.command('MAIL FROM:<a@client.example> AUTH=<>')).toMatchObject({ code: 555 });
    expect(await client.command('MAIL FROM:<a@client.example> SIZE=1')).toMatchObject({ code: 250 });
    expect(await client.command('RCPT TO:<b@mx.example> NOTIFY=NEVER')).toMatchObject({ code: 250 });
  });
});
