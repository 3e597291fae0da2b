import { fakeDns } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { bounded } from './bounded.ts';

const zone = {
  'example.com': {
    TXT: ['v=spf1 -all', 'x'.repeat(101), ['v=spf1 ', 'a:'.repeat(40)]],
    A: ['192.0.2.1', '192.0.2.2'],
    MX: [{ exchange: 'mx.example.com', priority: 0 }],
  },
  'long.example.com': { TXT: [['V=SPF1 ', 'a '.repeat(47)]] },
  'twice.example.com': { A: ['192.0.2.1', '192.0.2.2'], AAAA: ['2001:db8::1', '2001:db8::2'] },
} as const;

describe('bounded answers', () => {
  const bounds = { record: 100, addresses: 4 };
  const resolve = (): ReturnType<typeof bounded> => bounded(fakeDns(zone).resolve, bounds);

  it('are what they were within the bounds, but for texts that are too long and not SPF', async () => {
    expect(await resolve()('example.com', 'TXT')).toEqual([['v=spf1 -all'], ['v=spf1 ', 'a:'.repeat(40)]]);
    expect(await resolve()('example.com', 'MX')).toHaveLength(1);
  });

  it('are permerror for a record above them', async () => {
    await expect(resolve()('long.example.com', 'TXT')).rejects.toMatchObject({
      spfResult: { error: 'permerror', text: 'a record of more than 100 octets' },
    });
  });

  it('are permerror once all addresses together are above them', async () => {
    const ask = resolve();
    expect(await ask('twice.example.com', 'A')).toHaveLength(2);
    expect(await ask('twice.example.com', 'AAAA')).toHaveLength(2);
    await expect(ask('example.com', 'A')).rejects.toMatchObject({
      spfResult: { error: 'permerror', text: 'more than 4 addresses to look at' },
    });
  });

  it('fail as the DNS fails', async () => {
    await expect(resolve()('nobody.example', 'A')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('are worked through in turns where there is much of them, and at once where not', async () => {
    let turns = 0;
    const turn = async (): Promise<void> => void (turns += 1);
    const much = {
      'a.example': { TXT: [`v=spf1 ${'a '.repeat(1500)}`], A: Array.from({ length: 40 }, (_, n) => `192.0.2.${n}`) },
    };
    const ask = bounded(fakeDns({ ...zone, ...much }).resolve, { record: 4096, addresses: 256 }, turn);
    for (const type of ['TXT', 'MX', 'A'] as const) await ask('example.com', type);
    expect(turns).toBe(0);
    for (let round = 0; round < 11; round += 1) await ask('a.example', 'TXT');
    expect(turns).toBe(5);
    for (let round = 0; round < 6; round += 1) await ask('a.example', 'A');
    expect(turns).toBe(8);
  });
});
