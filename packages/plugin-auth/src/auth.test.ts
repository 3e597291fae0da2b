import { inMemory, overTcp, script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { base64, certificate, house, plainly } from '../test/house.ts';
import { cramMd5 } from './mechanisms/cram-md5.ts';
import { login } from './mechanisms/login.ts';
import { plain } from './mechanisms/plain.ts';

const good = plainly('ann', 'secret');
const bad = plainly('ann', 'guess');

describe.each(ways)('AUTH $name', { timeout: 30_000 }, ({ open }) => {
  it('lets in who gives an initial response', async () => {
    const { server, kept } = house();
    const client = await open(server, { tls: certificate });
    await client.hello();
    await script(
      client,
      `C: WHO
       S: 250 nobody
       C: AUTH PLAIN ${good}
       S: 235 2.7.0 Authentication successful
       C: WHO
       S: 250 ann by PLAIN`,
    );
    expect(await client.mail()).toMatchObject({ code: 250 });
    expect(kept[0]).toMatch(/ with ESMTPSA id /);
  });

  it('asks for a first message with an empty challenge', async () => {
    const client = await open(house().server);
    await client.hello();
    expect((await client.command('auth plain')).raw).toBe('334 \r\n');
    expect(await client.command(good)).toMatchObject({ code: 235, enhanced: '2.7.0' });
  });

  it('refuses wrong credentials, and lets the next attempt in', async () => {
    const client = await open(house().server);
    await client.hello();
    await script(
      client,
      `C: AUTH PLAIN ${bad}
       S: 535 5.7.8 Authentication credentials invalid
       C: AUTH PLAIN ${plainly('nobody', 'secret')}
       S: 535 5.7.8 Authentication credentials invalid
       C: AUTH PLAIN ${plainly('ann', 'secret', 'bob@example.org')}
       S: 535 5.7.8 Authentication credentials invalid
       C: WHO
       S: 250 nobody
       C: AUTH PLAIN ${good}
       S: 235`,
    );
  });

  it('lets somebody act as another if the directory does', async () => {
    const client = await open(house().server);
    await client.hello();
    await script(
      client,
      `C: AUTH PLAIN ${plainly('ann', 'secret', 'sales')}
       S: 235
       C: WHO
       S: 250 sales by PLAIN`,
    );
  });

  it('comes neither before EHLO, nor after HELO, nor in a transaction, nor twice', async () => {
    const client = await open(house().server);
    await script(
      client,
      `S: 220
       C: AUTH PLAIN ${good}
       S: 503 /^5\\.5\\.1 /
       C: HELO client.example
       S: 250
       C: AUTH PLAIN ${good}
       S: 503
       C: EHLO client.example
       S: 250
       C: MAIL FROM:<a@client.example>
       S: 250
       C: AUTH PLAIN ${good}
       S: 503
       C: RSET
       S: 250
       C: AUTH PLAIN ${good}
       S: 235
       C: AUTH PLAIN ${good}
       S: 503
       C: EHLO client.example
       S: 250 mx.example.org
       C: AUTH PLAIN ${good}
       S: 503
       C: WHO
       S: 250 ann by PLAIN`,
    );
  });

  it('names what is wrong with its arguments', async () => {
    const client = await open(house({ mechanisms: [plain(), login(), cramMd5()] }).server);
    await client.hello();
    await script(
      client,
      `C: AUTH
       S: 501 5.5.4 AUTH takes a mechanism and perhaps an initial response
       C: AUTH PLAIN ${good} more
       S: 501 /^5\\.5\\.4 /
       C: AUTH  PLAIN
       S: 501 /^5\\.5\\.4 /
       C: AUTH PLÄIN
       S: 501 /^5\\.5\\.4 /
       C: AUTH ${'X'.repeat(21)}
       S: 501 /^5\\.5\\.4 /
       C: AUTH DIGEST-MD5
       S: 504 5.5.4 This mechanism is not offered here
       C: AUTH PLAIN-
       S: 504
       C: AUTH CRAM-MD5 ${base64('ann 00000000000000000000000000000000')}
       S: 501 5.7.0 This mechanism has no initial response
       C: AUTH PLAIN abc
       S: 501 5.5.2 Cannot decode base64
       C: AUTH PLAIN =
       S: 501 5.5.2 That is no message of PLAIN
       C: AUTH LOGIN =
       S: 334
       C: ${base64('secret')}
       S: 501 5.5.2 That is no message of LOGIN
       C: AUTH PLAIN ${good}
       S: 235`,
    );
  });

  it('reads commands of 12,288 octets with their CRLF, and no more', async () => {
    const client = await open(house().server);
    await client.hello();
    const response = plainly('ann', 'x'.repeat(9199));
    expect(response).toHaveLength(12_272);
    expect(await client.command(`AUTH PLAIN ${response}`)).toMatchObject({ code: 535 });
    expect(await client.command(`AUTH PLAIN ${'A'.repeat(12_275)}`)).toMatchObject({ code: 501, enhanced: '5.5.2' });
    expect(await client.command(`AUTH PLAIN ${'A'.repeat(12_276)}`)).toMatchObject({ code: 500, enhanced: '5.5.2' });
    expect(await client.command(`NOOP ${'A'.repeat(3000)}`)).toMatchObject({ code: 500, enhanced: '5.5.2' });
    expect(await client.command(`AUTH PLAIN ${good}`)).toMatchObject({ code: 235 });
  });

  it('is over for who stops or vanishes at any octet, and for nobody else', async () => {
    const { server, log } = house();
    const lines = ['AUTH LOGIN\r\n', `${base64('ann')}\r\n`, `${base64('secret')}\r\n`];
    for (const [at, line] of lines.entries()) {
      for (let cut = 0; cut < line.length; cut += 1) {
        const client = await open(server);
        await client.hello();
        for (const before of lines.slice(0, at)) {
          client.send(before);
          await client.reply();
        }
        client.send(line.slice(0, cut));
        if (cut % 2 === 0) client.destroy();
        else client.end();
        // What a client that can still hear is told, if anything, is no welcome.
        expect(await client.closed()).not.toContain('235');
      }
    }
    const next = await open(server);
    await next.hello();
    expect(await next.command(`AUTH PLAIN ${good}`)).toMatchObject({ code: 235 });
    expect(log.records.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

// Octet by octet the end of the line comes before the next is there.
describe.each([inMemory, overTcp])('AUTH with input behind it $name', ({ open }) => {
  it('does not run', async () => {
    const client = await open(house().server);
    await client.hello();
    client.send(`AUTH PLAIN ${good}\r\nWHO\r\n`);
    expect(await client.reply()).toMatchObject({ code: 554, enhanced: '5.5.0' });
    expect(await client.closed()).toBe('');
  });
});
