import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { fakeDns } from './dns.ts';

const zone = {
  'Example.org.': {
    A: ['192.0.2.1'],
    TXT: ['v=spf1 -all', ['in ', 'two']],
    MX: [{ exchange: 'mx.example.org', priority: 10 }],
  },
  'alias.example.org': { CNAME: ['example.org'] },
  'loop.example.org': { CNAME: ['loop.example.org'] },
  'deep.under.example.net': { A: ['192.0.2.2'] },
  'slow.example.org': 'timeout',
  'dead.example.org': { TXT: 'never', A: 'servfail', AAAA: 'refused', MX: 'garbage' },
} as const;

const code = (of: Promise<unknown>): Promise<unknown> => of.catch((error: { code: string }) => error.code);

describe('fakeDns', () => {
  it("answers what the zone has, in any case, with or without the final dot, in the shapes of Node's resolver", async () => {
    const { resolve } = fakeDns(zone);
    expect(await resolve('example.org', 'A')).toEqual(['192.0.2.1']);
    expect(await resolve('EXAMPLE.org.', 'TXT')).toEqual([['v=spf1 -all'], ['in ', 'two']]);
    expect(await resolve('example.org', 'MX')).toEqual([{ exchange: 'mx.example.org', priority: 10 }]);
  });

  it('follows aliases, and fails on a loop of them', async () => {
    const { resolve } = fakeDns(zone);
    expect(await resolve('alias.example.org', 'A')).toEqual(['192.0.2.1']);
    expect(await resolve('alias.example.org', 'CNAME')).toEqual(['example.org']);
    expect(await code(resolve('loop.example.org', 'A'))).toBe('ESERVFAIL');
  });

  it('tells a name that does not exist from one without such records', async () => {
    const { resolve } = fakeDns(zone);
    expect(await code(resolve('nobody.example.org', 'A'))).toBe('ENOTFOUND');
    expect(await code(resolve('example.org', 'AAAA'))).toBe('ENODATA');
    expect(await code(resolve('under.example.net', 'A'))).toBe('ENODATA');
  });

  it.each(['a..example.org', `${'a'.repeat(64)}.example.org`, 'a.'.repeat(127) + 'abc', ''])(
    'refuses to ask for %j',
    async (name) => {
      expect(await code(fakeDns(zone).resolve(name, 'A'))).toBe('EBADNAME');
    },
  );

  it('has troubles by name and by type', async () => {
    const { resolve } = fakeDns(zone);
    expect(await code(resolve('slow.example.org', 'PTR'))).toBe('ETIMEOUT');
    expect(await code(resolve('dead.example.org', 'A'))).toBe('ESERVFAIL');
    expect(await code(resolve('dead.example.org', 'AAAA'))).toBe('EREFUSED');
    expect(await code(resolve('dead.example.org', 'MX'))).toBe('EBADRESP');
  });

  it('leaves a question without an answer until its signal aborts', async () => {
    const dns = fakeDns(zone);
    const abort = new AbortController();
    const resolve = dns.within(abort.signal);
    const asked = code(resolve('dead.example.org', 'TXT'));
    await nextTurn();
    expect(dns.pending).toBe(1);
    abort.abort();
    expect(await asked).toBe('ECANCELLED');
    expect(await code(resolve('example.org', 'A'))).toBe('ECANCELLED');
    expect(dns.pending).toBe(0);
    expect(dns.within(abort.signal)).toBe(resolve);
  });

  it('counts every question, and hears of changes', async () => {
    const dns = fakeDns();
    expect(await code(dns.resolve('example.org', 'A'))).toBe('ENOTFOUND');
    dns.set('example.org', { A: ['192.0.2.9'] });
    (await dns.resolve('example.org', 'A')).push('mine alone');
    expect(await dns.resolve('example.org', 'A')).toEqual(['192.0.2.9']);
    dns.set('example.org', undefined);
    expect(await code(dns.resolve('example.org', 'A'))).toBe('ENOTFOUND');
    expect(dns.questions).toEqual(Array.from({ length: 4 }, () => ({ name: 'example.org', type: 'A' })));
  });
});
