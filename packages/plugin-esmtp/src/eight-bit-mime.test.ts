import { fc } from '@fast-check/vitest';
import { definePlugin, parameter } from '@maitred/core';
import type { Plugin } from '@maitred/core';
import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { receiver } from '../test/receiver.ts';
import { eightBitMime, parseBodyType } from './eight-bit-mime.ts';
import { BodyType } from './keys.ts';

const from = 'MAIL FROM:<a@client.example>';

/** BODY=BINARYMIME, as a plugin that speaks RFC 3030 brings it. */
const binaryMime = (): Plugin =>
  definePlugin({
    name: 'binarymime',
    requires: [BodyType],
    extensions: { BINARYMIME: { when: (session) => session.tls === undefined } },
    parameters: {
      MAIL: {
        'BODY=BINARYMIME': parameter({ extension: 'BINARYMIME', key: BodyType, parse: () => 'BINARYMIME' as const }),
      },
    },
  });

describe.each(ways)('8BITMIME, $name', ({ open }) => {
  it('is offered', async () => {
    await using r = receiver(eightBitMime());
    const client = await open(r.server);
    expect(await client.hello()).toMatchObject({ lines: ['mx.example', '8BITMIME'] });
  });

  it('tells others what was announced', async () => {
    const announced: (string | undefined)[] = [];
    await using r = receiver(eightBitMime());
    r.server.on('message', (message, next) => {
      announced.push(message.get(BodyType));
      return next();
    });
    const client = await open(r.server);
    await client.hello();
    for (const parameters of ['BODY=7BIT', 'BODY=8BITMIME', 'body=8bitmime']) await client.mail({ parameters });
    await client.mail();
    expect(announced).toEqual(['7BIT', '8BITMIME', '8BITMIME', undefined]);
  });

  it.each(['BODY=8BITMIME', 'BODY=7BIT', undefined])('passes every octet (%s)', async (parameters) => {
    const pieces: Buffer[] = [];
    await using r = receiver(eightBitMime());
    r.server.on('body', () => ({ write: (chunk) => void pieces.push(chunk) }));
    const client = await open(r.server);
    await client.hello();
    // Not those that are a line's end, or none: CR, LF; dot-stuffing is only at a line's beginning.
    const all = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet).filter((o) => o !== 10 && o !== 13));
    const content = Buffer.concat([all, Buffer.from('\r\n')]);
    expect(await client.mail({ content, ...(parameters === undefined ? {} : { parameters }) })).toMatchObject({
      code: 250,
    });
    expect(Buffer.concat(pieces)).toEqual(content);
  });

  it.each([
    ['nothing', 'BODY', 501],
    ['an empty value', 'BODY=', 501],
    ['a type that nobody brings', 'BODY=BINARYMIME', 501],
    ['another type', 'BODY=9BIT', 501],
    ['a prefix of one', 'BODY=8BIT', 501],
    ['more than one', 'BODY=8BITMIMEX', 501],
    ['a letter that has another upper case', 'BODY=8BıTMIME', 501],
    ['two values', 'BODY=7BIT=8BITMIME', 501],
    ['it twice', 'BODY=7BIT BODY=8BITMIME', 501],
    ['a space before its value', 'BODY =7BIT', 501],
    ['a value that is too long', `BODY=${'8'.repeat(1000)}`, 501],
    ['a line that is too long', `BODY=${'8'.repeat(3000)}`, 500],
  ])('refuses %s: %s', async (_, given, code) => {
    await using r = receiver(eightBitMime());
    const client = await open(r.server);
    await client.hello();
    expect(await client.command(`${from} ${given}`)).toMatchObject({ code });
    expect(await client.command('RCPT TO:<b@server.example>')).toMatchObject({ code: 503 });
  });

  it('refuses it where it has no place', async () => {
    await using r = receiver(eightBitMime());
    const client = await open(r.server);
    await script(
      client,
      `
      S: 220
      C: HELO client.example
      S: 250
      C: ${from} BODY=8BITMIME
      S: 555
      C: EHLO client.example
      S: 250
      C: MAIL BODY=8BITMIME FROM:<a@client.example>
      S: 501
      C: ${from} BODY=8BITMIME
      S: 250
      C: RCPT TO:<b@server.example> BODY=8BITMIME
      S: 555
      `,
    );
  });

  it('leaves a value to the plugin that owns it', async () => {
    await using r = receiver([eightBitMime(), binaryMime()]);
    const announced: (string | undefined)[] = [];
    r.server.on('mail', (ctx, next) => {
      announced.push(ctx.get(BodyType));
      return next();
    });
    const client = await open(r.server);
    await client.hello();
    await client.command(`${from} BODY=BinaryMIME`);
    await client.command('RSET');
    await client.command(`${from} BODY=8BITMIME`);
    expect(announced).toEqual(['BINARYMIME', '8BITMIME']);
    await client.command('RSET');
    expect(await client.command(`${from} BODY=TERNARYMIME`)).toMatchObject({ code: 501 });
    expect(await client.command(`${from} BODY=BINARYMIME BODY=8BITMIME`)).toMatchObject({ code: 501 });
  });
});

describe('parseBodyType', () => {
  it('reads 7BIT and 8BITMIME in any case, and nothing else', () => {
    const near = fc.mixedCase(fc.constantFrom('7bit', '8bitmime', '8bit', 'binarymime', '7bit ', ''));
    fc.assert(
      fc.property(fc.oneof(near, fc.string()), (text) => {
        const expected = /^7bit$/i.test(text) ? '7BIT' : /^8bitmime$/i.test(text) ? '8BITMIME' : undefined;
        expect(parseBodyType(text)).toBe(expected);
      }),
    );
    expect(parseBodyType(undefined)).toBeUndefined();
  });
});
