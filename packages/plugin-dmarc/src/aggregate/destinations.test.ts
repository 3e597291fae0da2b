import { fakeDns, type Zone } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { reportDestinations } from './destinations.ts';

const zone: Zone = {
  '_dmarc.bank.example': { TXT: ['v=DMARC1; p=reject'] },
  'bank.example._report._dmarc.analyst.example': { TXT: ['v=DMARC1'] },
  'bank.example._report._dmarc.moved.example': { TXT: ['hello', 'v=DMARC1; rua=mailto:new@moved.example'] },
  'bank.example._report._dmarc.devious.example': { TXT: ['v=DMARC1; rua=mailto:all@victim.example'] },
  'bank.example._report._dmarc.other.example': { TXT: ['v=spf1 -all'] },
  'bank.example._report._dmarc.slow.example': 'timeout',
  '_dmarc.sick.example': 'servfail',
};

const of = (...rua: string[]): Promise<string[]> =>
  reportDestinations({ domain: 'bank.example', rua }, fakeDns(zone).resolve);

describe('reportDestinations (RFC 9990 4)', () => {
  it.each([
    ['the domain itself', 'mailto:d@bank.example', ['d@bank.example']],
    ['its organization', 'mailto:d@reports.bank.example', ['d@reports.bank.example']],
    ['an analyst who agreed', 'MAILTO:bank@Analyst.Example?subject=x', ['bank@Analyst.Example']],
    ['one who did not', 'mailto:postmaster@victim.example', []],
    ['one who says something else', 'mailto:d@other.example', []],
    ['one who wants it elsewhere in his domain', 'mailto:d@moved.example', ['new@moved.example']],
    ['one who wants it at a stranger', 'mailto:d@devious.example', []],
    ['the web', 'https://bank.example/dmarc', []],
    ['an escaped address', 'mailto:a%2Bb@bank.example', ['a+b@bank.example']],
    ['a smuggled line', 'mailto:a%0d%0aBcc:x@bank.example', []],
    ['two in one', 'mailto:a@victim.example%2Cb@bank.example', []],
    ['a broken escape', 'mailto:%e0%a4%a@bank.example', []],
    ['no domain', 'mailto:d@[192.0.2.1]', []],
    ['a name too long to ask for', `mailto:d@${'a.'.repeat(112)}victim.example`, []],
  ])('of %s: %s', async (_, uri, addresses) => {
    expect(await of(uri)).toEqual(addresses);
  });

  it('gives each once', async () => {
    expect(await of('mailto:d@moved.example', 'mailto:e@moved.example', 'mailto:d@bank.example')).toEqual([
      'new@moved.example',
      'd@bank.example',
    ]);
    expect(await of()).toEqual([]);
  });

  it('does not guess where the DNS has no answer', async () => {
    await expect(of('mailto:d@slow.example')).rejects.toThrow('ETIMEOUT');
    await expect(of('mailto:d@sick.example')).rejects.toThrow("doesn't tell whose domain sick.example is");
  });
});
