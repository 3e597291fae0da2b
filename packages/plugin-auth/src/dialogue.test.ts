import { inMemory, overTcp, script, ways } from '@maitred/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64, house, plainly } from '../test/house.ts';
import { cramMd5 } from './mechanisms/cram-md5.ts';
import { everyday } from './mechanisms/everyday.ts';

const good = plainly('ann', 'secret');

describe.each(ways)('an exchange $name', { timeout: 30_000 }, ({ open }) => {
  it('ends with 501 5.7.0 when the client cancels', async () => {
    const client = await open(house().server);
    await client.hello();
    await script(
      client,
      `C: AUTH LOGIN
       S: 334 VXNlcm5hbWU6
       C: ${base64('ann')}
       S: 334 UGFzc3dvcmQ6
       C: *
       S: 501 5.7.0 Authentication cancelled
       C: NOOP
       S: 250`,
    );
  });

  it.each([
    '====',
    '=AAA',
    'AAA=BBB',
    'AAAA=',
    'AA=A',
    'QQ',
    'QQ=',
    'QR==',
    'A',
    'AA AA',
    'AAAA*',
    '-_-_',
    ' ',
    '\0',
    '**',
    'é',
    '=',
  ])('cannot decode %j', async (response) => {
    const client = await open(house().server);
    await client.hello();
    await client.command('AUTH PLAIN');
    expect(await client.command(response)).toMatchObject({ code: 501, enhanced: '5.5.2' });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
    expect(await client.command(`AUTH PLAIN ${good}`)).toMatchObject({ code: 235 });
  });

  it('reads responses of 12,288 octets with their CRLF, and no more', async () => {
    const client = await open(house().server);
    await client.hello();
    const response = plainly('ann', 'x'.repeat(9208));
    expect(response).toHaveLength(12_284);
    await client.command('AUTH PLAIN');
    expect(await client.command(response)).toMatchObject({ code: 535 });
    await client.command('AUTH PLAIN');
    expect(await client.command('A'.repeat(12_286))).toMatchObject({ code: 501, enhanced: '5.5.2' });
    await client.command('AUTH PLAIN');
    expect(await client.command('A'.repeat(12_287))).toMatchObject({ code: 500, enhanced: '5.5.6' });
    expect(await client.command(`AUTH PLAIN ${good}`)).toMatchObject({ code: 235 });
  });

  it('reads what comes in one write with a response as the next response, not as a command', async () => {
    const { server } = house();
    const client = await open(server);
    await client.hello();
    await client.command('AUTH LOGIN');
    client.send(`${base64('ann')}\r\n${base64('secret')}\r\nWHO\r\n`);
    expect(await client.reply()).toMatchObject({ code: 334 });
    expect(await client.reply()).toMatchObject({ code: 235 });
    expect(await client.reply()).toMatchObject({ text: 'ann by LOGIN' });
  });

  it('has a time for all of the client’s part', async () => {
    const { server, clock } = house({ time: 10_000 });
    const client = await open(server);
    await client.hello();
    await client.command('AUTH LOGIN');
    await clock.advance(9000);
    expect(await client.command(base64('ann'))).toMatchObject({ code: 334 });
    await clock.advance(2000);
    expect(await client.reply()).toMatchObject({ code: 421, enhanced: '4.4.2' });
  });
});

describe('an exchange of any lines at all', () => {
  it('ends in a reply of its own, lets nobody in who proved nothing, and leaves the session as it was', async () => {
    const { server } = house({ mechanisms: [everyday(), cramMd5()], attempts: 1_000_000, delay: () => 0 });
    const client = await inMemory.open(server);
    await client.hello();
    const message = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(
        'n,,n=ann,r=abc',
        'y,,n=ann,r=abc',
        'ann',
        '\0ann\0guess',
        'user=ann\x01auth=Bearer x\x01\x01',
        '',
      ),
    );
    const line = fc.oneof(
      message.map((octets) => base64(Buffer.from(octets))),
      fc.stringMatching(/^[ -~\0\t\x7f]{0,30}$/),
      fc.constantFrom('', '=', '*', ' *', '* '),
    );
    const name = fc.constantFrom('PLAIN', 'LOGIN', 'SCRAM-SHA-256', 'SCRAM-SHA-1', 'CRAM-MD5', 'X');
    await fc.assert(
      fc.asyncProperty(name, fc.option(line), fc.array(line, { maxLength: 4 }), async (mechanism, initial, lines) => {
        let reply = await client.command(`AUTH ${mechanism}${initial === null ? '' : ` ${initial}`}`);
        for (const each of [...lines, '*']) {
          if (reply.code === 334) reply = await client.command(each);
        }
        expect([454, 500, 501, 504, 535]).toContain(reply.code);
        expect(await client.command('WHO')).toMatchObject({ text: 'nobody' });
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});

// Octet by octet the end of the line comes before the next is there.
describe.each([inMemory, overTcp])('an exchange that is broken off $name', ({ open }) => {
  it('ends the connection where more of a broken exchange may come', async () => {
    const client = await open(house().server);
    await client.hello();
    await client.command('AUTH LOGIN');
    client.send(`no base64\r\n${base64('secret')}\r\nWHO\r\n`);
    expect(await client.reply()).toMatchObject({ code: 501, enhanced: '5.5.2' });
    expect(await client.closed()).toBe('');
  });
});
