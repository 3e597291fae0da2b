import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { Clock, createServer, definePlugin, type Plugin } from '@maitred/core';
import { fakeDns, inMemory, type Client, type FakeDns } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import {
  defaultExaminationLimits,
  Dns,
  Examined,
  examiner,
  type ExaminationLimits,
  type ExaminationOptions,
  type Examiner,
  type Findings,
  type Wants,
} from '../index.ts';

interface Example extends AsyncDisposable {
  readonly dns: FakeDns;
  readonly findings: Findings[];
  /** Sends content in chunks of any size; `binary`: as BODY=BINARYMIME brings it. */
  send(content: string, options?: { readonly size?: number; readonly binary?: boolean }): Promise<string>;
}

/** A plugin that wants something of the pass. */
function wanting(name: string, wants: Wants, found: Findings[], options?: ExaminationOptions): Plugin {
  let examine: Examiner | undefined;
  return definePlugin({
    name,
    requires: [Dns, Clock],
    provides: [Examined],
    setup: async () => {
      examine = await examiner(options);
    },
    stages: {
      body: (ctx) => examine?.(ctx, wants),
      message: async (message, next) => {
        found.push(await message.need(Examined).findings());
        return next();
      },
    },
  });
}

async function example(
  wants: readonly Wants[],
  limits: Partial<ExaminationLimits> = {},
  others: Plugin[] = [],
): Promise<Example> {
  const dns = fakeDns();
  const findings: Findings[] = [];
  let next: { content: Buffer; size: number; binary: boolean } | undefined;
  const feed = definePlugin({
    name: 'feed',
    verbs: {
      FEED: {
        handle: async (verb) => {
          const { content, size, binary } = next!;
          const body = await verb.openBody('chunks', { binary });
          for (let at = 0; at < content.length; at += size) await body.write(content.subarray(at, at + size));
          return body.end();
        },
      },
    },
  });
  const server = createServer({ hostname: 'mx.example' })
    .override(Dns, dns)
    .use(feed, ...others, ...wants.map((one, at) => wanting(`wanting ${at}`, one, findings, { limits })))
    .accept(() => true)
    .deliver(() => {});
  const client: Client = await inMemory.open(server, { patience: 20_000 });
  await client.hello();
  return {
    dns,
    findings,
    async send(content, { size = content.length, binary = false } = {}) {
      await client.command('MAIL FROM:<>');
      await client.command('RCPT TO:<a@b>');
      next = { content: Buffer.from(content, 'latin1'), size: Math.max(1, size), binary };
      const { code, text } = await client.command('FEED');
      return `${code} ${text}`;
    },
    [Symbol.asyncDispose]: () => server.close({ deadline: 0 }),
  };
}

const signature = (s: string): string =>
  `DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=${s}; h=from; bh=a; b=a\r\n`;
const chain = [
  'ARC-Seal: i=1; a=rsa-sha256; cv=none; d=b.example; s=seal; b=a\r\n',
  'ARC-Message-Signature: i=1; a=rsa-sha256; d=b.example; s=ams; h=from; bh=a; b=a\r\n',
  'ARC-Authentication-Results: i=1; b.example; spf=none\r\n',
].join('');
const message = `${signature('s')}${chain}From: Joe <a@a.example>\r\nSubject: b\r\n\r\nbody  of\ttext \r\n\r\n`;

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
    await using it = await example([{}], { field: 40 });
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

const over = (octets: number, name = 'A'): string => `${name}: ${'a'.repeat(octets - name.length - 4)}\r\n`;

describe('limits of the pass', () => {
  const { header, field, fields } = defaultExaminationLimits;

  it('are what the documentation says', () => {
    expect(defaultExaminationLimits).toEqual({
      header: 65_536,
      field: 8192,
      fields: 500,
      signatures: 8,
      signedFields: 200,
      turn: 2_097_152,
    });
  });

  it.each([
    [
      'a header',
      `${over(8000).repeat(8)}${over(header - 64_000 - 2)}\r\n`,
      `${over(8000).repeat(8)}${over(header - 64_000 - 1)}\r\n`,
      'Header section too large to be verified: at most 65536 octets',
    ],
    [
      'a field',
      `${over(field)}\r\n`,
      `${over(field + 1)}\r\n`,
      'Header field too large to be verified: at most 8192 octets',
    ],
    [
      'a field with its folds',
      `A: ${'\r\n b'.repeat(2000)}\r\n\r\n`,
      `A: ${'\r\n b'.repeat(2100)}\r\n\r\n`,
      'Header field too large to be verified: at most 8192 octets',
    ],
    [
      'fields',
      `${'A: b\r\n'.repeat(fields)}\r\n`,
      `${'A: b\r\n'.repeat(fields + 1)}\r\n`,
      'Too many header fields to be verified: at most 500',
    ],
  ])('bound %s', async (_, within, beyond, text) => {
    await using it = await example([{ signatures: true }]);
    expect(await it.send(within)).toMatch(/^250 /);
    expect(await it.send(beyond)).toBe(`552 ${text}`);
    expect(await it.send(beyond, { size: 1000 })).toBe(`552 ${text}`);
    expect(it.findings).toHaveLength(1);
  });

  it('bound the signatures that are examined', async () => {
    await using it = await example([{ signatures: true }], { signatures: 2 });
    await it.send(`${['a', 'b', 'c', 'd'].map(signature).join('')}From: a@b\r\n\r\n`);
    expect(it.findings[0]?.signatures.map(({ selector }) => selector)).toEqual(['a', 'b']);
    expect(it.findings[0]?.unexamined).toBe(2);
    expect(it.dns.questions).toHaveLength(2);
  });

  it('bound the names that are looked for', async () => {
    await using it = await example([{ signatures: true }], { signedFields: 2 });
    await it.send(
      `${signature('a').replace('h=from', 'h=from:b')}${signature('b').replace('h=from', 'h=from:b:c')}From: a@b\r\n\r\n`,
    );
    expect(it.findings[0]?.signatures.map(({ status }) => status.comment)).toEqual([
      'body hash did not verify',
      'too many signed fields',
    ]);
  });

  it('bound the octets that are hashed in a turn, each once per hash', async () => {
    const chunks = 40;
    let turns = 0;
    const counting = definePlugin({
      name: 'counting',
      stages: {
        body: () => {
          let open = true;
          const tick = (): void => {
            turns += 1;
            if (open) setImmediate(tick);
          };
          setImmediate(tick);
          return { write: () => {}, end: () => void (open = false), abort: () => void (open = false) };
        },
      },
    });
    await using it = await example([{ signatures: true, bodyHash: true }], { turn: 2000 }, [counting]);
    await it.send(`${signature('a')}From: a@b\r\n\r\n${'x'.repeat(chunks * 1000)}`);
    expect(turns).toBeGreaterThanOrEqual(chunks);
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
    [{ minBitLength: 512 }, 'minBitLength is a whole number, at least 1024 (RFC 8301 3.2), not 512'],
  ])('%j can not be', async (options, message) => {
    await expect(examiner(options)).rejects.toThrow(message);
  });
});
