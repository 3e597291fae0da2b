import { fc } from '@fast-check/vitest';
import { definePlugin, replies } from '@maitred/core';
import type { Plugin, Reply, Session } from '@maitred/core';
import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { receiver } from '../test/receiver.ts';
import { enhancedStatusCodes } from './enhanced-status-codes.ts';

/** A verb that answers what it is told to. */
const answering = (reply: Reply): Plugin =>
  definePlugin({ name: 'answering', verbs: { ANSWER: { handle: async () => reply } } });

describe.each(ways)('ENHANCEDSTATUSCODES, $name', ({ open }) => {
  it('is offered, and from then on every 2xx, 4xx and 5xx has a code', async () => {
    await using r = receiver(enhancedStatusCodes());
    r.server.on('rcpt', async (ctx, next) =>
      ctx.recipient.path.local === 'later' ? replies.of(450, '4.2.1', 'Later') : next(),
    );
    const client = await open(r.server);
    await script(
      client,
      `
      S: 220 mx.example ESMTP
      C: EHLO client.example
      S: 250-mx.example
      S: 250 ENHANCEDSTATUSCODES
      C: NOOP
      S: 250 2.0.0 OK
      C: VRFY somebody
      S: 252 /^2\\.5\\.0 /
      C: WHAT
      S: 500 /^5\\.5\\.2 /
      C: MAIL FROM:<a@client.example
      S: 501 /^5\\.1\\.7 /
      C: MAIL FROM:<a@client.example>
      S: 250 /^2\\.1\\.0 /
      C: RCPT TO:<later@server.example>
      S: 450 4.2.1 Later
      C: RCPT TO:<b@server.example>
      S: 250 /^2\\.1\\.5 /
      C: DATA
      S: 354 /^End data/
      C: Subject: hello
      C: .
      S: 250 /^2\\.0\\.0 /
      C: QUIT
      S: 221 /^2\\.0\\.0 /
      `,
    );
  });

  it('puts no code on the answer to a bad greeting', async () => {
    await using r = receiver(enhancedStatusCodes());
    const client = await open(r.server);
    await client.hello();
    for (const line of ['EHLO', 'HELO', 'EHLO bad name']) {
      expect(await client.command(line)).toMatchObject({ code: 501, enhanced: undefined });
    }
  });

  it('puts no code on the answer to LHLO', async () => {
    const lhlo = definePlugin({
      name: 'lhlo',
      verbs: { LHLO: { endsGroup: true, handle: (verb) => verb.advertise(verb.args, true) } },
    });
    await using r = receiver([enhancedStatusCodes(), lhlo]);
    const client = await open(r.server);
    await client.reply();
    expect(await client.command('LHLO client.example')).toMatchObject({ lines: ['mx.example', 'ENHANCEDSTATUSCODES'] });
    expect(await client.command('NOOP')).toMatchObject({ enhanced: '2.0.0' });
  });

  it('puts no codes where they were not offered', async () => {
    await using r = receiver(enhancedStatusCodes());
    const client = await open(r.server);
    await script(
      client,
      `
      S: 220
      C: NOOP
      S: 250 OK
      C: HELO client.example
      S: 250 mx.example
      C: NOOP
      S: 250 OK
      C: WHAT
      S: 500 /^[^5]/
      C: EHLO client.example
      S: 250
      C: NOOP
      S: 250 2.0.0 OK
      C: HELO client.example
      S: 250 mx.example
      C: NOOP
      S: 250 OK
      `,
    );
  });

  it('puts the code on every line', async () => {
    await using r = receiver([enhancedStatusCodes(), answering(replies.of(550, '5.7.1', 'one', '', 'three\nfour'))]);
    const client = await open(r.server);
    await client.hello();
    expect(await client.command('ANSWER')).toMatchObject({
      lines: ['5.7.1 one', '5.7.1 ', '5.7.1 three', '5.7.1 four'],
    });
  });

  it('puts the code on every line that a line too long becomes', async () => {
    await using r = receiver([enhancedStatusCodes(), answering(replies.of(250, undefined, 'word '.repeat(300)))]);
    const client = await open(r.server);
    await client.hello();
    const { enhanced, lines } = await client.command('ANSWER');
    expect(enhanced).toBe('2.0.0');
    expect(lines.length).toBeGreaterThan(1);
  });

  it.each([
    [250, '2.0.0'],
    [450, '4.0.0'],
    [550, '5.0.0'],
  ])('puts the undefined status on a %i without a code, or with one of another class', async (code, enhanced) => {
    const wrong = { code, enhanced: enhanced === '5.0.0' ? '4.1.1' : '5.1.1', lines: ['text'] } as Reply;
    for (const reply of [replies.of(code, undefined, 'text'), wrong]) {
      await using r = receiver([enhancedStatusCodes(), answering(reply)]);
      const client = await open(r.server);
      await client.hello();
      expect(await client.command('ANSWER')).toMatchObject({ code, text: `${enhanced} text` });
    }
  });

  it('puts a code on each of several replies in one', async () => {
    const each = definePlugin({
      name: 'each',
      answer: ({ recipients }) =>
        replies.each(recipients.map((_, at) => replies.of(at === 0 ? 250 : 550, undefined, `number ${at}`))),
    });
    await using r = receiver([enhancedStatusCodes(), each]);
    const client = await open(r.server);
    await client.hello();
    expect(await client.mail({ to: ['b@server.example', 'c@server.example'] })).toMatchObject({
      code: 250,
      text: '2.0.0 number 0',
    });
    expect(await client.reply()).toMatchObject({ code: 550, text: '5.0.0 number 1' });
  });

  it('puts a code on what the server says by itself', async () => {
    await using r = receiver(enhancedStatusCodes());
    const client = await open(r.server);
    await client.hello();
    const closed = r.server.close();
    expect(await client.reply()).toMatchObject({ code: 421, enhanced: '4.3.2' });
    await closed;
  });
});

describe('the code', () => {
  const { format } = enhancedStatusCodes();
  const offered = { offered: new Set(['ENHANCEDSTATUSCODES']) } as unknown as Session;

  it("is of the reply's class and on every line, whatever the reply", () => {
    const code = fc.constantFrom(200, 250, 299, 400, 451, 500, 554, 599);
    const enhanced = fc.constantFrom(undefined, '2.1.5', '4.7.0', '5.3.4', '', 'x');
    fc.assert(
      fc.property(code, enhanced, fc.array(fc.string(), { minLength: 1 }), (code, given, lines) => {
        const reply = { code, ...(given === undefined ? {} : { enhanced: given }), lines } as Reply;
        const formatted = format?.(reply, offered, 'NOOP');
        expect(formatted?.enhanced?.[0]).toBe(String(code)[0]);
        expect(formatted?.lines).toEqual(lines.map((line) => `${formatted?.enhanced} ${line}`));
      }),
    );
  });

  it('is on no 3xx', () => {
    const goAhead = replies.of(354, undefined, 'Go ahead');
    expect(format?.(goAhead, offered, 'DATA')).toBe(goAhead);
  });
});
