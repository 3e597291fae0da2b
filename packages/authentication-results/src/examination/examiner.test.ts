import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createServer, definePlugin } from '@maitred/core';
import { fakeDns, inMemory } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { example, message, signature, wanting } from '../../test/example.ts';
import { Dns, Examined, examiner, type Findings } from '../index.ts';

describe('the one pass', () => {
  it.each([
    ['nothing', {}, []],
    ['signatures', { signatures: true }, ['s']],
    ['the chain', { chain: true }, ['ams', 'seal']],
    ['both', { signatures: true, chain: true }, ['s', 'ams', 'seal']],
  ] as const)('asks for no more keys than are wanted: %s', async (_, wants, selectors) => {
    await using it = await example([wants]);
    await it.send(message);
    expect(it.dns.questions.map(({ name }) => name.split('.')[0])).toEqual(selectors);
    expect(it.findings[0]?.signatures).toHaveLength('signatures' in wants ? 1 : 0);
    expect(it.findings[0]?.arc.chain).toEqual('chain' in wants ? [expect.objectContaining({ i: 1 })] : false);
  });

  it('is one for all who want something of it', async () => {
    await using it = await example([{ signatures: true }, { chain: true }, { bodyHash: true }, {}]);
    expect(await it.send(message)).toMatch(/^250 /);
    expect(it.findings).toHaveLength(4);
    expect(new Set(it.findings).size).toBe(1);
    expect(it.findings[0]).toMatchObject({
      headerFrom: ['a@a.example'],
      fromFields: 1,
      signatures: [{ status: { result: 'fail' } }],
      unexamined: 0,
      bodyHash: createHash('sha256').update('body of text\r\n').digest('base64'),
    });
  });

  it('finds no hash that nobody wants, nor what is not there', async () => {
    await using it = await example([{ signatures: true, chain: true }]);
    await it.send('Subject: a\r\n\r\n');
    expect(it.findings).toMatchObject([
      { headerFrom: [], fromFields: 0, signatures: [], arc: { chain: false }, bodyHash: undefined },
    ]);
  });

  it.each(['', '\r\n', 'From: a@b', 'From: a@b\r\n', '\r\nbody\r\n', 'body', 'no header\r\nat all\r\n'])(
    'takes %j for a message',
    async (content) => {
      await using it = await example([{ signatures: true, bodyHash: true }]);
      expect(await it.send(content, { size: 1 })).toMatch(/^250 /);
      const body = content.startsWith('\r\n') ? content.slice(2) : '';
      expect(it.findings[0]?.bodyHash).toBe(createHash('sha256').update(body).digest('base64'));
    },
  );

  it('tells the addresses of several From fields, and how many of those there are', async () => {
    await using it = await example([{}], { limits: { field: 40 } });
    await it.send(`${'From: a@example.org, b@example.org\r\n'.repeat(3)}\r\n`);
    expect(it.findings).toMatchObject([{ headerFrom: ['a@example.org', 'b@example.org'], fromFields: 3 }]);
  });

  it('verifies a signature field as it came, though it is parsed in another form', async () => {
    const spaced = signature('s').replace('h=from', `h=${' '.repeat(3000)}from${'\r\n '.repeat(100)}`);
    await using it = await example([{ signatures: true }]);
    await it.send(`${spaced}From: a@b.example\r\n\r\n`);
    const [found] = it.findings[0]?.signatures ?? [];
    expect(found).toMatchObject({ selector: 's', status: { result: 'fail', comment: 'body hash did not verify' } });
    const signed = Buffer.from(found?.signingHeaders?.canonicalizedHeader ?? '', 'base64').toString();
    expect(signed).toContain(' '.repeat(3000));
  });

  it('can not be asked for more once content came, nor for findings before it is whole', async () => {
    const said: string[] = [];
    const early = definePlugin({
      name: 'early',
      optional: [Examined],
      stages: {
        body: (ctx) => ({
          write: async () => {
            const pass = ctx.need(Examined);
            await pass.findings().catch((error: Error) => said.push(error.message));
            try {
              pass.want({ chain: true });
            } catch (error) {
              said.push((error as Error).message);
            }
          },
        }),
      },
    });
    const dns = fakeDns();
    const server = createServer({ hostname: 'mx.example' })
      .override(Dns, dns)
      .use(wanting('first', {}, []), early)
      .accept(() => true)
      .deliver(() => {});
    await using _ = server;
    const client = await inMemory.open(server);
    await client.hello();
    await client.mail({ content: 'Subject: a\r\n\r\n' });
    expect(said.slice(0, 2)).toEqual([
      'the content is not whole yet: ask for findings in the message stage',
      'what a pass looks for is said before the content comes',
    ]);
  });
});

describe('a line end by half', () => {
  it.each(['From: a\n@b\r\n\r\n', 'From: a@b\r\nSub\rject: c\r\n\r\n', 'From: a@b\n\nbody', 'From: a@b\r'])(
    'has no place in the header, whatever kind of content it is: %j',
    async (content) => {
      await using it = await example([{ signatures: true }]);
      expect(await it.send(content, { binary: true })).toBe('554 Bare CR or LF in the header: lines end with CR LF');
      expect(it.findings).toEqual([]);
    },
  );

  it('is an octet of a binary body', async () => {
    await using it = await example([{ bodyHash: true }]);
    expect(await it.send('From: a@b\r\n\r\na \n\r b\r\n', { binary: true, size: 1 })).toMatch(/^250 /);
    expect(it.findings[0]?.bodyHash).toBe(createHash('sha256').update('a \n\r b\r\n').digest('base64'));
  });
});

describe('a client that vanishes', () => {
  it('leaves no question unanswered', async () => {
    const dns = fakeDns({ 's._domainkey.a.example': 'never' });
    const found: Findings[] = [];
    const server = createServer({ hostname: 'mx.example' })
      .override(Dns, dns)
      .use(wanting('one', { signatures: true }, found))
      .accept(() => true)
      .deliver(() => {});
    await using _ = server;
    const client = await inMemory.open(server);
    await client.hello();
    for (const line of ['MAIL FROM:<>', 'RCPT TO:<a@b>', 'DATA']) await client.command(line);
    client.send(`${signature('s')}From: a@b\r\n\r\nbody`);
    await expect.poll(() => dns.pending).toBe(1);
    client.destroy();
    await expect.poll(() => dns.pending).toBe(0);
    expect(found).toEqual([]);
  });
});

describe('options', () => {
  it.each([
    [{ limits: { header: 0 } }, 'the limit header is a positive whole number, not 0'],
    [{ limits: { signatures: 1.5 } }, 'the limit signatures is a positive whole number, not 1.5'],
    [{ limits: { signatures: 4, signature: 4 } }, 'there is no limit signature'],
    [{ overLimit: 'accept' as 'refuse' }, "overLimit is 'unexamined' or 'refuse', not accept"],
    [{ minBitLength: 512 }, 'minBitLength is a whole number, at least 1024 (RFC 8301 3.2), not 512'],
  ])('%j can not be', async (options, message) => {
    await expect(examiner(options)).rejects.toThrow(message);
  });
});
