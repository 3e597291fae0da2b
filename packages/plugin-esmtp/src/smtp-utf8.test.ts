import { definePlugin, Internationalized, replies } from '@maitred/core';
import type { Plugin } from '@maitred/core';
import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { receiver } from '../test/receiver.ts';
import { eightBitMime } from './eight-bit-mime.ts';
import { enhancedStatusCodes } from './enhanced-status-codes.ts';
import { smtpUtf8 } from './smtp-utf8.ts';

const plugins = (): Plugin[] => [eightBitMime(), smtpUtf8()];
const from = 'MAIL FROM:<a@client.example>';

describe.each(ways)('SMTPUTF8, $name', ({ open }) => {
  it('is offered beside 8BITMIME', async () => {
    await using r = receiver(plugins());
    const client = await open(r.server);
    expect(await client.hello()).toMatchObject({ lines: ['mx.example', '8BITMIME', 'SMTPUTF8'] });
  });

  it('does not start without 8BITMIME', async () => {
    await using r = receiver(smtpUtf8());
    await expect(open(r.server)).rejects.toThrow(/smtputf8 needs 8BITMIME/);
  });

  it('lets UTF-8 addresses pass with the parameter only', async () => {
    await using r = receiver(plugins());
    const client = await open(r.server);
    await client.hello();
    await script(
      client,
      `
      C: MAIL FROM:<jörg@grüße.example>
      S: 553
      C: ${from}
      S: 250
      C: RCPT TO:<用户@例子.example>
      S: 553
      C: RCPT TO:<b@例子.example>
      S: 553
      C: RSET
      S: 250
      C: MAIL FROM:<jörg@grüße.example> SMTPUTF8
      S: 250
      C: RCPT TO:<用户@例子.example>
      S: 250
      C: RSET
      S: 250
      C: ${from}
      S: 250
      C: RCPT TO:<用户@例子.example>
      S: 553
      `,
    );
  });

  it('marks the transaction, and carries the mail as it is', async () => {
    const marked: (boolean | undefined)[] = [];
    await using r = receiver(plugins());
    r.server.on('message', (message, next) => {
      marked.push(message.get(Internationalized));
      return next();
    });
    const client = await open(r.server);
    await client.hello();
    const content = 'From: Jörg <jörg@grüße.example>\r\nSubject: Grüße\r\n\r\n';
    await client.mail({ from: 'jörg@grüße.example', parameters: 'smtputf8 BODY=8BITMIME', content });
    await client.mail({ parameters: 'SMTPUTF8', content });
    await client.mail({ content });
    expect(marked).toEqual([true, true, undefined]);
    expect(r.kept[0]).toMatch(/^Received: [^]+ with UTF8SMTP [^]+\r\nFrom: Jörg <jörg@grüße\.example>\r\n/);
    expect(r.kept[2]).toMatch(/^Received: [^]+ with ESMTP /);
  });

  it.each([
    ['an empty value', 'SMTPUTF8=', 501],
    ['a value', 'SMTPUTF8=1', 501],
    ['a word as a value', 'SMTPUTF8=SMTPUTF8', 501],
    ['it twice', 'SMTPUTF8 SMTPUTF8', 501],
    ['a hyphen in it', 'SMTP-UTF8', 555],
    ['a letter beyond ASCII', 'ſMTPUTF8', 501],
    ['a line that is too long', `SMTPUTF8=${'x'.repeat(3000)}`, 500],
  ])('refuses %s: %s', async (_, given, code) => {
    await using r = receiver(plugins());
    const client = await open(r.server);
    await client.hello();
    expect(await client.command(`${from} ${given}`)).toMatchObject({ code });
    expect(await client.command('RCPT TO:<b@server.example>')).toMatchObject({ code: 503 });
  });

  it('refuses it where it has no place', async () => {
    await using r = receiver(plugins());
    const client = await open(r.server);
    await script(
      client,
      `
      S: 220
      C: HELO client.example
      S: 250
      C: ${from} SMTPUTF8
      S: 555
      C: MAIL FROM:<jörg@grüße.example>
      S: 553
      C: EHLO client.example
      S: 250
      C: MAIL SMTPUTF8 FROM:<a@client.example>
      S: 501
      C: ${from} SMTPUTF8
      S: 250
      C: RCPT TO:<b@server.example> SMTPUTF8
      S: 555
      `,
    );
  });

  it.each([
    ['Latin-1', 'j\xf6rg'],
    ['an overlong form', 'j\xc1\xb6rg'],
    ['a surrogate', 'j\xed\xa0\x80rg'],
    ['a character cut short', 'j\xc3'],
  ])('refuses %s as an address', async (_, local) => {
    await using r = receiver(plugins());
    const client = await open(r.server);
    await client.hello();
    client.send(Buffer.from(`MAIL FROM:<${local}@client.example> SMTPUTF8\r\n`, 'latin1'));
    expect(await client.reply()).toMatchObject({ code: 500 });
  });

  it('lets replies be in UTF-8 within an internationalized transaction only', async () => {
    await using r = receiver(plugins());
    r.server.on('rcpt', async () => replies.of(551, '5.1.6', 'Try <jörg@grüße.example>'));
    const client = await open(r.server);
    await client.hello();
    await script(
      client,
      `
      C: ${from}
      S: 250
      C: RCPT TO:<b@server.example>
      S: 551 Try <j?rg@gr??e.example>
      C: RSET
      S: 250
      C: ${from} SMTPUTF8
      S: 250
      C: RCPT TO:<b@server.example>
      S: 551 Try <jörg@grüße.example>
      `,
    );
  });
});

describe.each(ways)('VRFY and EXPN with SMTPUTF8, $name', ({ open }) => {
  it('tells nothing, as before', async () => {
    await using r = receiver(plugins());
    const client = await open(r.server);
    await client.hello();
    await script(
      client,
      `
      C: VRFY joerg
      S: 252
      C: VRFY joerg SMTPUTF8
      S: 252
      C: VRFY jörg smtputf8
      S: 252
      C: VRFY SMTPUTF8
      S: 252
      C: VRFY
      S: 501
      C: EXPN liste
      S: 502
      C: EXPN größen SMTPUTF8
      S: 502
      `,
    );
  });

  it('refuses a non-ASCII argument without the parameter, and the parameter with a value', async () => {
    await using r = receiver([plugins(), enhancedStatusCodes()]);
    const client = await open(r.server);
    await client.hello();
    await script(
      client,
      `
      C: VRFY jörg
      S: 550 /^5\\.6\\.7 /
      C: EXPN größen
      S: 550 /^5\\.6\\.7 /
      C: VRFY SMTPUTF8 jörg
      S: 550 /^5\\.6\\.7 /
      C: VRFY jörg SMTPUTF8=1
      S: 501 /^5\\.5\\.4 /
      C: VRFY joerg SMTPUTF8=
      S: 501 /^5\\.5\\.4 /
      C: VRFY jörg SMTPUTF8 SMTPUTF8
      S: 501 /^5\\.5\\.4 /
      C: VRFY jörg SMTPUTF8 jörg
      S: 501 /^5\\.5\\.4 /
      `,
    );
  });

  it('takes the word for a part of the argument where it was not offered', async () => {
    await using r = receiver(plugins());
    const client = await open(r.server);
    await script(
      client,
      `
      S: 220
      C: HELO client.example
      S: 250
      C: VRFY joerg SMTPUTF8=1
      S: 252
      C: VRFY jörg SMTPUTF8
      S: 550
      `,
    );
  });

  it('leaves the rest to who owns the verb', async () => {
    const asked: string[] = [];
    const verify = definePlugin({
      name: 'verify',
      verbs: {
        VRFY: {
          replaces: true,
          handle: async (verb) => {
            asked.push(verb.args);
            return replies.of(250, '2.1.5', '<joerg@server.example>');
          },
        },
      },
    });
    await using r = receiver([verify, plugins()]);
    const client = await open(r.server);
    await client.hello();
    await client.command('VRFY jörg');
    await client.command('VRFY jörg SMTPUTF8');
    expect(asked).toEqual(['jörg SMTPUTF8']);
  });
});
