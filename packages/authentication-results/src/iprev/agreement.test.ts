import { fakeDns, type Zone } from '@maitred/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreement, mostNames, reverseName } from './agreement.ts';

const v4 = '1.2.0.192.in-addr.arpa';
const v6 = '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa';

const zone: Zone = {
  [v4]: { PTR: ['Mail.Example.ORG.'] },
  [v6]: { PTR: ['mail.example.org'] },
  'mail.example.org': { A: ['192.0.2.1'], AAAA: ['2001:DB8:0:0::1'] },
};

const of = (address: string, change: Zone = {}) => agreement(address, fakeDns({ ...zone, ...change }).resolve);

const broken = (): Promise<never> => Promise.reject(new Error('no code'));

describe('agreement', () => {
  it.each(['192.0.2.1', '2001:db8::1', '::ffff:192.0.2.1', '2001:0DB8:0000::0001'])(
    'passes %s, whose name leads back',
    async (address) => {
      expect(await of(address)).toEqual({
        result: 'pass',
        address,
        name: 'mail.example.org',
        comment: 'mail.example.org',
        resinfo: [
          {
            method: 'iprev',
            result: 'pass',
            comment: 'mail.example.org',
            properties: [{ ptype: 'policy', property: 'iprev', value: address }],
          },
        ],
      });
    },
  );

  it('passes with whichever of several names leads back', async () => {
    const it = await of('192.0.2.1', {
      [v4]: { PTR: ['no.example.org', 'slow.example.org', 'a..b', 'mail.example.org'] },
      'no.example.org': { A: ['192.0.2.9', 'nonsense'] },
      'slow.example.org': 'timeout',
    });
    expect(it).toMatchObject({ result: 'pass', name: 'mail.example.org' });
  });

  it.each<[string, Zone, string]>([
    ['leads elsewhere', { 'mail.example.org': { A: ['192.0.2.9'] } }, 'fail'],
    ['leads nowhere', { 'mail.example.org': { TXT: ['x'] } }, 'fail'],
    ['does not exist', { [v4]: { PTR: ['nobody.example.org'] } }, 'fail'],
    ['can not be asked for', { [v4]: { PTR: ['a..b'] } }, 'fail'],
    ['is not answered for', { 'mail.example.org': 'timeout' }, 'temperror'],
    [
      'may be the one, but is not answered for',
      {
        [v4]: { PTR: ['no.example.org', 'ill.example.org'] },
        'no.example.org': { A: ['192.0.2.9'] },
        'ill.example.org': 'servfail',
      },
      'temperror',
    ],
  ])('whose name %s', async (_, change, result) => {
    const found = await of('192.0.2.1', change);
    expect(found).toMatchObject({ result, resinfo: [{ method: 'iprev', result }] });
    expect(found).not.toHaveProperty('name');
  });

  it.each<[string, Zone, string]>([
    ['has no name', { [v4]: {} }, 'permerror'],
    ['is not answered for', { [v4]: 'timeout' }, 'temperror'],
    ['is refused', { [v4]: 'refused' }, 'temperror'],
    ['gets garbage', { [v4]: 'garbage' }, 'temperror'],
  ])('of an address that %s', async (_, change, result) => {
    expect(await of('192.0.2.1', change)).toMatchObject({ result });
  });

  it('looks at ten names and no more', async () => {
    const names = Array.from({ length: 50 }, (_, n) => `n${n}.example.org`);
    const dns = fakeDns({ [v4]: { PTR: names }, 'n10.example.org': { A: ['192.0.2.1'] } });
    expect(await agreement('192.0.2.1', dns.resolve)).toMatchObject({ result: 'fail' });
    expect(mostNames).toBe(10);
    expect(dns.questions.map(({ name }) => name)).toEqual([v4, ...names.slice(0, 10)]);
  });

  it('takes what is no address, and never rejects', async () => {
    expect(await of('[nonsense]')).toMatchObject({ result: 'permerror' });
    expect(await agreement('192.0.2.1', broken)).toMatchObject({ result: 'temperror' });
  });
});

describe('reverseName', () => {
  it('is the octets or nibbles backwards', () => {
    expect(reverseName('192.0.2.1')).toBe(v4);
    expect(reverseName('2001:db8::1')).toBe(v6);
    expect(reverseName('fe80::1%eth0')).toMatch(/^1\.0\.0.*8\.e\.f\.ip6\.arpa$/);
    expect(reverseName('')).toBeUndefined();
  });

  it('leads back to any address', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const nibbles = (reverseName(address) ?? '').split('.').slice(0, -2).toReversed();
        const back = /^(\d+)$/.test(nibbles[0] ?? '') && nibbles.length === 4;
        if (back) return; // an IPv4 address in IPv6 clothes
        expect(nibbles).toHaveLength(32);
        expect(new URL(`http://[${nibbles.join('').match(/.{4}/g)?.join(':')}]`).hostname).toBe(
          new URL(`http://[${address}]`).hostname,
        );
      }),
    );
  });
});
