import { describe, expect, it } from 'vitest';
import { code, forever, made } from '../../test/caching.ts';
import type { Resolver } from '../tokens.ts';

describe('the caching resolver', () => {
  it('asks once for what several ask at once, in whatever spelling', async () => {
    const { dns, upstream } = made();
    const names = ['example.org', 'EXAMPLE.org', 'example.org.'];
    const answers = await Promise.all(names.map((name) => dns.within(forever())(name, 'A')));
    expect(answers).toEqual([['192.0.2.1'], ['192.0.2.1'], ['192.0.2.1']]);
    expect(upstream.questions).toEqual([{ name: 'example.org', type: 'A' }]);
  });

  it('keeps an answer for its lifetime', async () => {
    const { clock, upstream, resolve } = made({ lifetime: 1_000 });
    await resolve('example.org', 'TXT');
    await clock.advance(999);
    await resolve('example.org', 'TXT');
    expect(upstream.questions).toHaveLength(1);
    await clock.advance(1);
    await resolve('example.org', 'TXT');
    expect(upstream.questions).toHaveLength(2);
  });

  it('keeps it more shortly that there is nothing', async () => {
    const { clock, upstream, resolve } = made({ lifetime: 1_000, voidLifetime: 100 });
    const both = async (): Promise<unknown[]> => [
      await code(resolve('nobody.example.org', 'A')),
      await code(resolve('example.org', 'AAAA')),
    ];
    expect(await both()).toEqual(['ENOTFOUND', 'ENODATA']);
    await clock.advance(99);
    expect(await both()).toEqual(['ENOTFOUND', 'ENODATA']);
    expect(upstream.questions).toHaveLength(2);
    await clock.advance(1);
    await both();
    expect(upstream.questions).toHaveLength(4);
  });

  it('does not keep what went wrong, and tells it from what is not there', async () => {
    const { upstream, resolve } = made();
    expect(await code(resolve('ill.example.org', 'A'))).toBe('ESERVFAIL');
    expect(await code(resolve('ill.example.org', 'TXT'))).toBe('ETIMEOUT');
    expect(await code(resolve('ill.example.org', 'MX'))).toBe('EBADRESP');
    expect(await code(resolve('ill.example.org', 'AAAA'))).toBe('EREFUSED');
    upstream.set('ill.example.org', { A: ['192.0.2.7'] });
    expect(await resolve('ill.example.org', 'A')).toEqual(['192.0.2.7']);
  });

  it('takes an empty answer for none, and one of no shape for garbage', async () => {
    const { resolve } = made({}, ((name: string) => Promise.resolve(name === 'a' ? [] : 'v=spf1')) as never);
    expect(await code(resolve('a', 'A'))).toBe('ENODATA');
    expect(await code(resolve('b', 'A'))).toBe('EBADRESP');
  });

  it('has a code for whatever an upstream throws', async () => {
    const { resolve } = made({}, () => {
      throw 'no error object at all'; // oxlint-disable-line typescript/only-throw-error
    });
    expect(await code(resolve('example.org', 'A'))).toBe('ESERVFAIL');
  });

  it('gives every caller an answer of its own', async () => {
    const { resolve } = made();
    const mine = await resolve('example.org', 'MX');
    for (const record of mine) record.exchange = 'changed';
    mine.push({ exchange: 'added', priority: 0 });
    expect(await resolve('example.org', 'MX')).toEqual([{ exchange: 'mx.example.org', priority: 10 }]);
  });

  it('keeps no more than the cache holds, and lets go what was used longest ago', async () => {
    const asked: string[] = [];
    const ask = ((name: string) => {
      asked.push(name);
      return Promise.resolve([[name, 'x'.repeat(300)]]);
    }) as unknown as Resolver;
    const { resolve } = made({ cache: 1_500 }, ask);
    for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await resolve(name, 'TXT');
    expect(asked).toEqual(['a', 'b', 'c', 'b']);
    const small = made({ cache: 500 }, ask);
    await small.resolve('large', 'TXT');
    await small.resolve('large', 'TXT');
    expect(asked.filter((name) => name === 'large')).toHaveLength(2);
  });

  it('counts the names of what there is not', async () => {
    const { upstream, resolve } = made({ cache: 900 });
    const long = `${'a.'.repeat(100)}example`;
    for (const name of [`1.${long}`, `2.${long}`, `1.${long}`])
      expect(await code(resolve(name, 'A'))).toBe('ENOTFOUND');
    expect(upstream.questions).toHaveLength(3);
  });

  it.each([
    ['', 'the root'],
    ['.', 'the root'],
    ['a..b', 'an empty label'],
    [`${'a'.repeat(64)}.b`, 'a label of 64'],
    [`${'a.'.repeat(126)}ab`, 'a name of 254'],
    ['evil\0.example.org', 'NUL, behind which Node asks for another name'],
    ['a\\.b', 'an escape'],
    ['a b', 'a space'],
    ['a\r\nb', 'line ends'],
    ['bücher.example', 'what is no A-label'],
  ])('does not ask for %j: %s', async (name) => {
    const { upstream, resolve } = made();
    expect(await code(resolve(name, 'A'))).toBe('EBADNAME');
    expect(upstream.questions).toEqual([]);
  });

  it('asks for names that are no host names', async () => {
    const { upstream, resolve } = made();
    await code(resolve(`_dmarc.a!b.${'a'.repeat(63)}`, 'TXT'));
    expect(upstream.questions).toHaveLength(1);
  });
});
