import { fc } from '@fast-check/vitest';
import { Log } from '@maitred/core';
import { memoryLog, script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { octets, receiver } from '../test/receiver.ts';
import { DeclaredSize } from './keys.ts';
import { parseSize, size } from './size.ts';

const from = 'MAIL FROM:<a@client.example>';

describe.each(ways)('SIZE, $name', ({ open }) => {
  it('is offered with the largest size', async () => {
    await using r = receiver(size());
    const client = await open(r.server);
    expect(await client.hello()).toMatchObject({ lines: ['mx.example', 'SIZE 26214400'] });
  });

  it('takes a message of exactly the largest size, declared or not', async () => {
    await using r = receiver(size({ maximum: 1000 }));
    const client = await open(r.server);
    await client.hello();
    expect(await client.mail({ parameters: 'SIZE=1000', content: octets(1000) })).toMatchObject({ code: 250 });
    expect(await client.mail({ content: octets(1000) })).toMatchObject({ code: 250 });
    expect(r.kept).toHaveLength(2);
  });

  it('takes a message that is larger than it declared', async () => {
    await using r = receiver(size({ maximum: 1000 }));
    const client = await open(r.server);
    await client.hello();
    expect(await client.mail({ parameters: 'SIZE=10', content: octets(1000) })).toMatchObject({ code: 250 });
  });

  it('answers MAIL 552 when too much is declared, and begins no transaction', async () => {
    await using r = receiver(size({ maximum: 1000 }));
    const client = await open(r.server);
    await client.hello();
    await script(
      client,
      `
      C: ${from} SIZE=1001
      S: 552 Message too large: at most 1000 octets
      C: RCPT TO:<b@server.example>
      S: 503
      C: ${from} SIZE=99999999999999999999
      S: 552
      C: ${from} SIZE=1000
      S: 250
      `,
    );
  });

  it('tells others what was declared', async () => {
    const declared: (number | undefined)[] = [];
    await using r = receiver(size());
    r.server.on('mail', (ctx, next) => {
      declared.push(ctx.get(DeclaredSize));
      return next();
    });
    const client = await open(r.server);
    await client.hello();
    await client.mail({ parameters: 'size=000123' });
    await client.mail({ parameters: 'SIZE=0' });
    await client.mail();
    expect(declared).toEqual([123, 0, undefined]);
  });

  it.each([
    ['nothing', 'SIZE', 501],
    ['an empty value', 'SIZE=', 501],
    ['a word', 'SIZE=big', 501],
    ['a sign', 'SIZE=-1', 501],
    ['a sign', 'SIZE=+1', 501],
    ['a fraction', 'SIZE=1.5', 501],
    ['another base', 'SIZE=0x10', 501],
    ['an exponent', 'SIZE=1e3', 501],
    ['a list', 'SIZE=1,2', 501],
    ['21 digits', `SIZE=${'0'.repeat(20)}1`, 501],
    ['digits that are none in ASCII', 'SIZE=１２', 501],
    ['two values', 'SIZE=1=2', 501],
    ['it twice', 'SIZE=1 SIZE=1', 501],
    ['a space before its value', 'SIZE =1', 501],
    ['a line that is too long', `SIZE=${'1'.repeat(3000)}`, 500],
    ['a name beside it', 'SIZES=1', 555],
  ])('refuses %s: %s', async (_, parameter, code) => {
    await using r = receiver(size());
    const client = await open(r.server);
    await client.hello();
    expect(await client.command(`${from} ${parameter}`)).toMatchObject({ code });
    expect(await client.command('RCPT TO:<b@server.example>')).toMatchObject({ code: 503 });
  });

  it('refuses it where it has no place', async () => {
    await using r = receiver(size());
    const client = await open(r.server);
    await script(
      client,
      `
      S: 220
      C: ${from} SIZE=1
      S: 503
      C: HELO client.example
      S: 250
      C: ${from} SIZE=1
      S: 555
      C: EHLO client.example
      S: 250
      C: MAIL SIZE=1 FROM:<a@client.example>
      S: 501
      C: ${from} SIZE=1
      S: 250
      C: RCPT TO:<b@server.example> SIZE=1
      S: 555
      `,
    );
  });

  it('refuses octets that are no UTF-8', async () => {
    await using r = receiver(size());
    const client = await open(r.server);
    await client.hello();
    client.send(Buffer.from(`${from} SIZE=\xb2\r\n`, 'latin1'));
    expect(await client.reply()).toMatchObject({ code: 500 });
  });
});

describe.each(ways)('free space, $name', ({ open }) => {
  it('answers MAIL 452 when what is declared does not fit', async () => {
    await using r = receiver(size({ maximum: 1000, available: async () => 500 }));
    const client = await open(r.server);
    await client.hello();
    expect(await client.command(`${from} SIZE=501`)).toMatchObject({ code: 452 });
    expect(await client.command(`${from} SIZE=1001`)).toMatchObject({ code: 552 });
    expect(await client.command(`${from} SIZE=500`)).toMatchObject({ code: 250 });
  });

  it('answers MAIL 452 when nothing is declared and the largest size does not fit', async () => {
    let space = 999;
    await using r = receiver(size({ maximum: 1000, available: () => space }));
    const client = await open(r.server);
    await client.hello();
    expect(await client.command(from)).toMatchObject({ code: 452 });
    space = 1000;
    expect(await client.command(from)).toMatchObject({ code: 250 });
  });

  it('answers MAIL 451 when nobody knows', async () => {
    const log = memoryLog();
    await using r = receiver(size({ available: () => Promise.reject(new Error('no such device')) }));
    r.server.override(Log, log);
    const client = await open(r.server);
    await client.hello();
    expect(await client.command(from)).toMatchObject({ code: 451, text: expect.not.stringContaining('device') });
    expect(log.records).toMatchObject([{ level: 'error', fields: { plugin: 'size' } }]);
  });
});

describe('size', () => {
  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('has no maximum of %s', (maximum) => {
    expect(() => size({ maximum })).toThrow(RangeError);
  });

  it.each([999, Number.NaN])('has no hard cap of %s below its maximum', (hardCap) => {
    expect(() => size({ maximum: 1000, hardCap })).toThrow(RangeError);
  });
});

describe('parseSize', () => {
  it('reads one to twenty digits', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{1,20}$/), (digits) => {
        expect(parseSize(digits)).toBe(Number.parseInt(digits, 10));
      }),
    );
  });

  it('reads nothing else', () => {
    const near = fc.stringMatching(/^[-+ 0-9.eExX_,１]{0,30}$/);
    fc.assert(
      fc.property(fc.oneof(near, fc.string()), (text) => {
        const digits = Array.from(text).filter((one) => one >= '0' && one <= '9');
        const whole = digits.length >= 1 && digits.length <= 20 && digits.length === text.length;
        expect(parseSize(text) !== undefined).toBe(whole);
      }),
    );
  });

  it('reads nothing where there is no value', () => {
    expect(parseSize(undefined)).toBeUndefined();
  });
});
