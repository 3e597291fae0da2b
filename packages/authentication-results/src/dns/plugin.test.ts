import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createServer } from '@maitred/core';
import { fakeDns, inMemory } from '@maitred/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dnsServer, type DnsServer } from '../../test/dns-server.ts';
import { Dns, type Resolver } from '../tokens.ts';
import { dns, type DnsOptions } from './plugin.ts';

/** What a plugin of a server with `dns(options)` gets, while its transaction lives. */
async function within(options: DnsOptions, use: (resolve: Resolver) => Promise<void>): Promise<void> {
  let used: Promise<void> | undefined;
  const server = createServer({ hostname: 'mx.example' })
    .use(dns(options))
    .on('mail', async (ctx, next) => {
      used = use(ctx.inject(Dns).within(ctx.ended));
      await used.catch(() => {});
      return next();
    });
  const client = await inMemory.open(server);
  await client.hello();
  await client.command('MAIL FROM:<a@client.example>');
  await used;
  await server.close({ deadline: 0 });
}

const code = (of: Promise<unknown>): Promise<unknown> => of.catch((error: { code: string }) => error.code);

describe('dns(), with a real server over UDP and TCP', () => {
  const long = Array.from({ length: 40 }, () => 'x'.repeat(200));
  let real: DnsServer;

  beforeAll(async () => {
    real = await dnsServer({
      'example.org': {
        A: ['192.0.2.1', '192.0.2.2'],
        AAAA: ['2001:db8::1'],
        TXT: ['v=spf1 -all', ['in ', 'two']],
        MX: [{ exchange: 'mx.example.org', priority: 10 }],
      },
      '1.2.0.192.in-addr.arpa': { PTR: ['mail.example.org'] },
      'alias.example.org': { CNAME: ['example.org'] },
      'long.example.org': { TXT: [long] },
      'ill.example.org': { TXT: 'servfail', A: 'refused', MX: 'garbage', PTR: 'timeout' },
    });
  });
  afterAll(() => real[Symbol.asyncDispose]());

  it('gets every type in the shape that mailauth expects', async () => {
    await within({ servers: [real.address] }, async (resolve) => {
      expect(await resolve('example.org', 'A')).toEqual(['192.0.2.1', '192.0.2.2']);
      expect(await resolve('example.org', 'AAAA')).toEqual(['2001:db8::1']);
      expect(await resolve('Example.ORG.', 'TXT')).toEqual([['v=spf1 -all'], ['in ', 'two']]);
      expect(await resolve('example.org', 'MX')).toMatchObject([{ exchange: 'mx.example.org', priority: 10 }]);
      expect(await resolve('1.2.0.192.in-addr.arpa', 'PTR')).toEqual(['mail.example.org']);
      expect(await resolve('alias.example.org', 'CNAME')).toEqual(['example.org']);
    });
  });

  it('asks again over TCP for what is too long for UDP', async () => {
    await within({ servers: [real.address] }, async (resolve) => {
      expect(await resolve('long.example.org', 'TXT')).toEqual([long]);
    });
    expect(real.asked.filter((line) => line.endsWith('TXT long.example.org'))).toEqual([
      'udp TXT long.example.org',
      'tcp TXT long.example.org',
    ]);
  });

  it('tells no such name, no such record and trouble apart', async () => {
    await within({ servers: [real.address], query: 400 }, async (resolve) => {
      expect(await code(resolve('nobody.example.org', 'TXT'))).toBe('ENOTFOUND');
      expect(await code(resolve('example.org', 'PTR'))).toBe('ENODATA');
      expect(await code(resolve('ill.example.org', 'TXT'))).toBe('ESERVFAIL');
      expect(await code(resolve('ill.example.org', 'A'))).toBe('EREFUSED');
      expect(await code(resolve('ill.example.org', 'MX'))).toMatch(/^E(BADRESP|TIMEOUT)$/);
      expect(await code(resolve('ill.example.org', 'PTR'))).toBe('ETIMEOUT');
    });
  });
});

describe('dns(), with a program that ends', () => {
  it('is nothing to wait for, though a question is open', async () => {
    await using mute = await dnsServer({ 'mute.example.org': 'never' });
    const program = `
      import { createServer } from '@maitred/core';
      import { dns, Dns } from '@maitred/authentication-results';
      let asked;
      const server = createServer({ hostname: 'mx.example' }).use(dns({ servers: ['${mute.address}'] }), {
        name: 'asks',
        requires: [Dns],
        setup: ({ inject }) => {
          asked = inject(Dns).within(new AbortController().signal)('mute.example.org', 'A').catch(({ code }) => code);
        },
      });
      await server.start();
      await server.close();
      const { setTimeout: wait } = await import('node:timers/promises');
      await wait(10);
      console.log(await asked, process.getActiveResourcesInfo().filter((what) => /DNS|GetAddrInfo|Query|UDP|Timeout/i.test(what)).length);
    `;
    const args = ['--conditions=@maitred/source', '--no-warnings', '--input-type=module', '--eval', program];
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd });
    expect(stdout.trim()).toBe('ECANCELLED 0');
  });
});

describe('dns()', () => {
  it('asks by the function it is given, and keeps the answers for all transactions', async () => {
    const upstream = fakeDns({ 'example.org': { A: ['192.0.2.1'] } });
    const server = createServer({ hostname: 'mx.example' })
      .use(dns({ resolve: upstream.resolve }))
      .on('mail', async (ctx, next) => {
        expect(await ctx.inject(Dns).within(ctx.ended)('example.org', 'A')).toEqual(['192.0.2.1']);
        return next();
      });
    const client = await inMemory.open(server);
    await client.hello();
    for (let nth = 0; nth < 3; nth += 1) {
      expect(await client.command('MAIL FROM:<a@client.example>')).toMatchObject({ code: 250 });
      await client.command('RSET');
    }
    expect(upstream.questions).toHaveLength(1);
    await server.close({ deadline: 0 });
  });

  it('leaves nothing pending behind a client that is gone', async () => {
    const upstream = fakeDns({ 'mute.example.org': 'never' });
    let asked: Promise<unknown> | undefined;
    const server = createServer({ hostname: 'mx.example' })
      .use(dns({ resolve: upstream.resolve }))
      .on('mail', async (ctx, next) => {
        asked = code(ctx.inject(Dns).within(ctx.ended)('mute.example.org', 'A'));
        return next();
      });
    const client = await inMemory.open(server);
    await client.hello();
    await client.command('MAIL FROM:<a@client.example>');
    client.destroy();
    expect(await asked).toBe('ECANCELLED');
    await server.close({ deadline: 0 });
  });

  it.each([
    { query: 0 },
    { cache: -1 },
    { questions: 1.5 },
    { message: Number.NaN },
    { lifetime: -1 },
    { concurrent: Infinity },
  ])('refuses the limit %j', (limit) => {
    expect(() => dns(limit)).toThrow(new RegExp(`^${Object.keys(limit)[0]} is a whole number, at least [01], not`));
  });

  it('refuses a limit that there is not', () => {
    expect(() => dns({ lifeTime: 1000 } as object)).toThrow(new RangeError('there is no limit lifeTime'));
  });

  it('may keep nothing', async () => {
    const upstream = fakeDns({ 'example.org': { A: ['192.0.2.1'] } });
    await within({ resolve: upstream.resolve, lifetime: 0, voidLifetime: 0 }, async (resolve) => {
      for (const name of ['example.org', 'example.org', 'nobody.example', 'nobody.example'])
        await code(resolve(name, 'A'));
    });
    expect(upstream.questions).toHaveLength(4);
  });

  it('refuses an address that is none', async () => {
    const server = createServer({ hostname: 'mx.example' }).use(dns({ servers: ['nonsense'] }));
    await expect(server.start()).rejects.toThrow(/nonsense/);
  });
});
