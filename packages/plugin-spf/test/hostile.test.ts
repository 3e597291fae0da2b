import { inMemory, type Zone } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import type { SpfOptions } from '../src/spf.ts';
import { receiver } from './receiver.ts';

const record = (text: string): Zone => ({ 'x.example': { TXT: [text] } });
const many = (term: string, octets: number): string => `v=spf1${` ${term}`.repeat(octets / (term.length + 1))}`;
const addresses = (count: number): string[] => Array.from({ length: count }, (_, n) => `2001:db8::${n.toString(16)}`);
const hosts = Array.from({ length: 10 }, (_, n) => ({ exchange: `m${n}.example`, priority: n }));

/** What a domain's owner, or who stands between, can do to us; and what RFC 7208 says of it. */
const cases: readonly [what: string, zone: Zone, result: string, comment?: string][] = [
  ['a timeout', { 'x.example': 'timeout' }, 'temperror', 'DNS timeout'],
  ['a server that fails', { 'x.example': 'servfail' }, 'temperror'],
  ['a server that refuses', { 'x.example': 'refused' }, 'temperror'],
  ['garbage', { 'x.example': 'garbage' }, 'temperror'],
  ['an alias of itself', { 'x.example': { CNAME: ['x.example'] } }, 'temperror'],
  ['a timeout further in', { ...record('v=spf1 include:y.example -all'), 'y.example': 'timeout' }, 'temperror'],
  ['an include of itself', record('v=spf1 include:x.example -all'), 'permerror', 'Too many DNS requests'],
  ['a redirect to itself', record('v=spf1 redirect=x.example'), 'permerror', 'Too many DNS requests'],
  ['eleven lookups', { ...record(many('a', 22)), 'x.example': { TXT: [many('a', 22)], AAAA: ['::1'] } }, 'permerror'],
  [
    'three void lookups',
    record('v=spf1 a:a.example a:b.example a:c.example -all'),
    'permerror',
    'Too many void DNS results',
  ],
  ['an unknown mechanism', record('v=spf1 nonsense -all'), 'permerror', "Unknown mechanism 'nonsense'"],
  ['an error behind a match', record('v=spf1 +all ip4:300.1.1.1'), 'permerror'],
  ['two records', { 'x.example': { TXT: ['v=spf1 -all', 'v=spf1 +all'] } }, 'permerror'],
  ['octets that are no ASCII', record('v=spf1 -all \u00a0\0'), 'permerror'],
  [
    'thousands of mechanisms',
    record(many('ip6:2001:db8::2', 64_000)),
    'permerror',
    'a record of more than 4096 octets',
  ],
  ['thousands of modifiers', record(many('a=b', 64_000)), 'permerror', 'a record of more than 4096 octets'],
  ['as many as there may be', record(many('a=', 4090)), 'neutral'],
  ['one endless word', record(`v=spf1 a:${'a'.repeat(4000)}`), 'permerror'],
  ['macros without end', record(`v=spf1 exists:${'%{ir}.'.repeat(600)}com -all`), 'fail'],
  ['thousands of other texts', { 'x.example': { TXT: Array.from({ length: 5000 }, () => 'v=spf2 +all') } }, 'none'],
  ['endless other texts', { 'x.example': { TXT: ['x'.repeat(60_000), 'v=spf1 -all'] } }, 'fail'],
  [
    'thousands of addresses',
    { 'x.example': { TXT: ['v=spf1 a -all'], AAAA: addresses(2000) } },
    'permerror',
    'more than 256 addresses to look at',
  ],
  [
    'a hundred names of addresses',
    {
      'x.example': { TXT: ['v=spf1 mx -all'], MX: hosts },
      ...Object.fromEntries(hosts.map(({ exchange }) => [exchange, { AAAA: addresses(100) }])),
    },
    'permerror',
    'more than 256 addresses to look at',
  ],
  [
    'eleven mail exchangers',
    {
      'x.example': { TXT: ['v=spf1 mx -all'], MX: [...hosts, { exchange: 'm10.example', priority: 10 }] },
      ...Object.fromEntries([...hosts.keys(), 10].map((n) => [`m${n}.example`, { AAAA: ['2001:db8::9'] }])),
    },
    'permerror',
  ],
  [
    'an endless explanation',
    { ...record('v=spf1 -all exp=e.example'), 'e.example': { TXT: ['%{s}'.repeat(9000)] } },
    'fail',
  ],
  ['an explanation that never comes', { ...record('v=spf1 -all exp=e.example'), 'e.example': 'timeout' }, 'fail'],
];

async function checked(zone: Zone, options: SpfOptions = {}): Promise<{ result?: string; comment?: string }> {
  await using it = receiver({ helo: false, ...options }, zone);
  const client = await inMemory.open(it.server, { remote: { address: '2001:db8:ffff::1', port: 1 } });
  await client.hello();
  await client.command('MAIL FROM:<a@x.example>');
  const found = await it.results[0];
  expect(it.dns.pending).toBe(0);
  expect(await client.command('NOOP')).toMatchObject({ code: 250 });
  return { ...found };
}

describe('a hostile domain', () => {
  it.each(cases)('%s', async (_what, zone, result, comment = '') => {
    const found = await checked(zone);
    expect(found.result).toBe(result);
    expect(found.comment).toContain(comment);
    expect(found.comment).toMatch(/^[ !#-~]{1,300}$/);
  });

  it('has its limits set', async () => {
    const voids = record('v=spf1 a:a.example a:b.example a:c.example -all');
    expect(await checked(voids, { limits: { voids: 3 } })).toMatchObject({ result: 'fail' });
    expect(await checked(record(many('a=b', 5000)), { limits: { record: 6000 } })).toMatchObject({ result: 'neutral' });
    const large = { 'x.example': { TXT: ['v=spf1 a -all'], AAAA: addresses(2000) } };
    expect(await checked(large, { limits: { addresses: 2000 } })).toMatchObject({ result: 'fail' });
  });

  it('is held to RFC 7208 or let pass with what many get wrong, as is asked for', async () => {
    const sloppy = record('v=spf1 ip6:2001:db8:ffff::1 nonsense=%');
    expect(await checked(sloppy)).toMatchObject({ result: 'permerror' });
    const late = record('v=spf1 ip6:2001:db8:ffff::1 ip4:300.1.1.1 -all');
    expect(await checked(late)).toMatchObject({ result: 'permerror' });
    expect(await checked(late, { strict: false })).toMatchObject({ result: 'pass' });
  });
});
