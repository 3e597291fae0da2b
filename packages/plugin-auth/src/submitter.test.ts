import { Identity } from '@maitred/core';
import { ways } from '@maitred/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { house, plainly } from '../test/house.ts';
import type { AuthOptions } from './auth.ts';
import { Submitter } from './keys.ts';
import { parseSubmitter } from './submitter.ts';

describe('the AUTH parameter', () => {
  it.each([
    ['e+3Dmc2@example.com', 'e=mc2@example.com'],
    ['+22a+20b+22@example.com', '"a b"@example.com'],
    ['a+2Bb@Example.COM', 'a+b@Example.COM'],
    ['<>', ''],
    ['+3C+3E', ''],
  ])('is a mailbox in xtext: %s', (value, mailbox) => {
    expect(parseSubmitter(value)?.mailbox).toBe(mailbox);
  });

  it.each([
    undefined,
    '',
    'ann',
    'Postmaster',
    'ann@',
    '@example.com',
    '@a,@b:ann@example.com',
    '<ann@example.com>',
    'ann@example.com>',
    'ann@example.com+3E+20x',
    'e+3dmc2@example.com',
    'e+3Dmc2@example.com+',
    'ann+0D+0A@example.com',
    'ann+00@example.com',
    'j+C3+BCrgen@example.com',
    'a@b@example.com',
    `${'a'.repeat(65)}@example.com`,
  ])('is none: %s', (value) => {
    expect(parseSubmitter(value)).toBeUndefined();
  });

  it('holds nothing that could end a line, whatever was encoded', () => {
    const value = fc.string({
      unit: fc.constantFrom(...'ab@.<>"'.split(''), '+0D', '+0A', '+00', '+20', '+3E', '+C3'),
      maxLength: 12,
    });
    fc.assert(
      fc.property(value, (value) => {
        expect(parseSubmitter(value)?.mailbox ?? '').toMatch(/^[ -~]*$/);
      }),
      { numRuns: 1000 },
    );
  });
});

/** What a sink would know of the submitter. */
function noting(options: AuthOptions = {}): {
  readonly server: ReturnType<typeof house>['server'];
  readonly seen: unknown[];
} {
  const seen: unknown[] = [];
  const { server } = house(options);
  server.on('mail', async (ctx, next) => {
    seen.push(ctx.get(Submitter)?.mailbox);
    return next();
  });
  return { server, seen };
}

describe.each(ways)('MAIL with AUTH= $name', ({ open }) => {
  const mail = 'MAIL FROM:<a@client.example>';

  it('is as good as AUTH=<> from who isn’t trusted, and nothing where it is left out', async () => {
    const { server, seen } = noting({ trustsSubmitter: () => true });
    const client = await open(server);
    await client.hello();
    for (const line of [
      mail,
      `${mail} AUTH=<>`,
      `${mail} AUTH=e+3Dmc2@example.com`,
      `${mail} auth=${'a'.repeat(60)}@b.example`,
    ]) {
      expect(await client.command(line)).toMatchObject({ code: 250 });
      await client.command('RSET');
    }
    expect(seen).toEqual([undefined, '', '', '']);
  });

  it('is believed of who is trusted', async () => {
    const { server, seen } = noting({ trustsSubmitter: (session) => session.get(Identity)?.id === 'ann' });
    const client = await open(server);
    await client.hello();
    await client.command(`AUTH PLAIN ${plainly('ann', 'secret')}`);
    expect(await client.command(`${mail} AUTH=e+3Dmc2@example.com`)).toMatchObject({ code: 250 });
    await client.command('RSET');
    expect(await client.command(`${mail} AUTH=<>`)).toMatchObject({ code: 250 });
    expect(seen).toEqual(['e=mc2@example.com', '']);
  });

  it('is believed of nobody when nothing is said', async () => {
    const { server, seen } = noting();
    const client = await open(server);
    await client.hello();
    await client.command(`AUTH PLAIN ${plainly('ann', 'secret')}`);
    await client.command(`${mail} AUTH=e+3Dmc2@example.com`);
    expect(seen).toEqual(['']);
  });

  it('is refused when it is none, or comes twice', async () => {
    const { server, seen } = noting();
    const client = await open(server);
    await client.hello();
    const wrong = ['AUTH', 'AUTH=', 'AUTH=ann', 'AUTH=e+3dmc2@example.com', 'AUTH=<> AUTH=<>', 'AUTH=a=b@example.com'];
    for (const parameter of wrong) {
      expect(await client.command(`${mail} ${parameter}`)).toMatchObject({ code: 501, enhanced: '5.5.4' });
    }
    expect(await client.command(`${mail} AUTH=<>`)).toMatchObject({ code: 250 });
    expect(seen).toEqual(['']);
  });

  it('makes the line longer by 500 octets', async () => {
    const { server } = noting();
    expect(server.describe().parameters.MAIL).toEqual({ AUTH: 'auth' });
    const client = await open(server);
    await client.hello();
    const encoded = '+61'.repeat(60);
    expect(await client.command(`${mail} AUTH=${encoded}@${`${'+62'.repeat(60)}.`.repeat(1)}example`)).toMatchObject({
      code: 250,
    });
  });
});
