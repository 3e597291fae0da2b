import { createServer } from '@maitred/core';
import { script, ways, type Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { receiver, tls, type Receiver } from '../test/receiver.ts';
import { TlsRequired } from './keys.ts';
import { requiretls, supportRequired } from './requiretls.ts';

const mail = 'MAIL FROM:<a@client.example>';
const no = 'TLS-Required: No\r\n';

describe.each(ways)('REQUIRETLS, $name', ({ open }) => {
  const secured = async ({ server }: Receiver): Promise<Client> => {
    const client = await open(server, { tls });
    await client.hello();
    return client;
  };

  it('is offered within TLS', async () => {
    await using it = receiver();
    const client = await open(it.server, { tls });
    expect((await client.hello()).lines).toContain('REQUIRETLS');
  });

  it('is not offered, nor its parameter taken, in plaintext or after HELO', async () => {
    await using it = receiver();
    const plain = await open(it.server);
    expect((await plain.hello()).lines).not.toContain('REQUIRETLS');
    await script(plain, `C: ${mail} REQUIRETLS\nS: 555\nC: ${mail}\nS: 250`);
    const old = await open(it.server, { tls });
    await script(old, `S: 220\nC: HELO x\nS: 250\nC: ${mail} REQUIRETLS\nS: 555\nC: ${mail}\nS: 250`);
  });

  it('is what the message wants from MAIL on, and the next no more', async () => {
    await using it = receiver();
    const seen: unknown[] = [];
    it.server.on('rcpt', (ctx, next) => {
      seen.push(ctx.get(TlsRequired));
      return next();
    });
    const client = await secured(it);
    expect(await client.mail({ parameters: 'requiretls' })).toMatchObject({ code: 250 });
    expect(await client.mail()).toMatchObject({ code: 250 });
    expect(seen).toEqual([true, undefined]);
    expect(it.kept).toEqual([true, undefined]);
  });

  it.each([
    ['REQUIRETLS=', 501],
    ['REQUIRETLS=yes', 501],
    ['REQUIRETLS REQUIRETLS', 501],
    ['REQUIRETLS requiretls', 501],
    ['REQUIRETLSX', 555],
    ['REQUIRE TLS', 555],
    ['REQUIRETLS\0', 500],
    ['REQUIRETLſ', 501],
    [`REQUIRETLS=${'x'.repeat(3000)}`, 500],
  ])('has its parameter checked: %j gets %i, and begins no transaction', async (parameter, code) => {
    await using it = receiver();
    const client = await secured(it);
    await script(
      client,
      `C: ${mail} ${parameter}\nS: ${code}\nC: RCPT TO:<b@mx.example>\nS: 503\nC: ${mail} REQUIRETLS\nS: 250`,
    );
  });

  it('lengthens the line of MAIL by 11 octets', async () => {
    const server = createServer({ hostname: 'mx.example', limits: { commandLine: 100 } }).use(
      requiretls({ honours: () => true }),
    );
    const client = await open(server, { tls });
    await client.hello();
    await script(client, `C: ${`${mail} REQUIRETLS`.padEnd(512 + 11 - 2)}\nS: 250\nC: RSET\nS: 250`);
    await script(client, `C: ${`${mail} REQUIRETLS`.padEnd(512 + 11 - 1)}\nS: 500\nC: NOOP\nS: 250`);
    await server.close({ deadline: 0 });
  });
});

describe.each(ways)('a recipient for whom it cannot be honoured, $name', ({ open }) => {
  const asked: string[] = [];
  const honours = ({ recipient: { path } }: { recipient: { path: { mailbox: string; local: string } } }): boolean => {
    asked.push(path.mailbox);
    if (path.local === 'broken') throw new Error('the policy is on fire');
    return path.local !== 'far';
  };
  const secured = async ({ server }: Receiver): Promise<Client> => {
    asked.length = 0;
    const client = await open(server, { tls });
    await client.hello();
    return client;
  };

  it('is refused with 550 5.7.30, and the others are not', async () => {
    await using it = receiver({ honours });
    const client = await secured(it);
    await script(
      client,
      `C: ${mail} REQUIRETLS
       S: 250
       C: RCPT TO:<far@mx.example>
       S: 550 REQUIRETLS support required
       C: RCPT TO:<near@mx.example>
       S: 250
       C: DATA
       S: 354
       C: Subject: hello
       C: .
       S: 250`,
    );
    expect(supportRequired).toMatchObject({ code: 550, enhanced: '5.7.30' });
    expect(asked).toEqual(['far@mx.example', 'near@mx.example']);
    expect(it.kept).toEqual([true]);
  });

  it('is not asked about when nobody takes it, when TLS is not required, and for a notification', async () => {
    await using it = receiver({ honours });
    const client = await secured(it);
    await script(
      client,
      `C: ${mail} REQUIRETLS\nS: 250\nC: RCPT TO:<nobody@mx.example>\nS: 550 /not accepted/\nC: RSET\nS: 250`,
    );
    await script(client, `C: ${mail}\nS: 250\nC: RCPT TO:<far@mx.example>\nS: 250\nC: RSET\nS: 250`);
    await script(client, 'C: MAIL FROM:<> REQUIRETLS\nS: 250\nC: RCPT TO:<far@mx.example>\nS: 250');
    expect(asked).toEqual([]);
  });

  it('is 451 where that cannot be told', async () => {
    await using it = receiver({ honours });
    const client = await secured(it);
    await script(
      client,
      `C: ${mail} REQUIRETLS\nS: 250\nC: RCPT TO:<broken@mx.example>\nS: 451\nC: RCPT TO:<b@mx.example>\nS: 250`,
    );
    expect(it.log.records).toMatchObject([{ fields: { plugin: 'requiretls' } }]);
  });
});

describe.each(ways)('TLS-Required, $name', ({ open }) => {
  it.each([
    [no, false],
    ['tls-required:\r\n no\r\n', false],
    [`Subject: hello\r\n${no}To: b@mx.example\r\n`, false],
    ['TLS-Required: Yes\r\n', undefined],
    [no + no, undefined],
    [`Subject: hello\r\n\r\n${no}`, undefined],
    ['', undefined],
  ])('of %j makes a message want %j', async (header, wanted) => {
    await using it = receiver();
    const client = await open(it.server);
    await client.hello();
    expect(await client.mail({ content: `${header}\r\nText\r\n` })).toMatchObject({ code: 250 });
    expect(it.kept).toEqual([wanted]);
  });

  it('is read of whoever speaks plain SMTP', async () => {
    await using it = receiver();
    const client = await open(it.server);
    await script(client, 'S: 220\nC: HELO x\nS: 250');
    expect(await client.mail({ content: `${no}\r\n` })).toMatchObject({ code: 250 });
    expect(it.kept).toEqual([false]);
  });

  it('says nothing against the parameter, and stays in the message', async () => {
    await using it = receiver();
    const fields: string[] = [];
    it.server.on('message', async (message, next) => {
      for (const { name } of await message.content.header.fields()) fields.push(name);
      return next();
    });
    const client = await open(it.server, { tls });
    await client.hello();
    expect(await client.mail({ content: `${no}\r\n`, parameters: 'REQUIRETLS' })).toMatchObject({ code: 250 });
    expect(it.kept).toEqual([true]);
    expect(fields).toContain('TLS-Required');
  });

  it('is known to those used behind, in message', async () => {
    await using it = receiver();
    const seen: unknown[] = [];
    it.server.on('message', (message, next) => {
      seen.push(message.get(TlsRequired));
      return next();
    });
    const client = await open(it.server);
    await client.hello();
    await client.mail({ content: `${no}\r\n` });
    expect(seen).toEqual([false]);
  });
});

describe('requiretls', () => {
  it('is described: its keyword within TLS, and its parameter', () => {
    const { keywords, parameters } = receiver().server.describe();
    expect(keywords).toMatchObject({ plain: [], tls: ['REQUIRETLS'], authenticated: ['REQUIRETLS'] });
    expect(parameters.MAIL).toEqual({ REQUIRETLS: 'requiretls' });
  });
});
