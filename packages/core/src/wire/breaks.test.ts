import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { LineBreaks } from './breaks.ts';

function all(octets: Buffer): number[] {
  const breaks = new LineBreaks(octets);
  const found: number[] = [];
  for (let at = breaks.next(0); at < octets.length; at = breaks.next(at + 1)) found.push(at);
  return found;
}

function expected(octets: Buffer): number[] {
  return [...octets].flatMap((octet, at) => (octet === 0x0d || octet === 0x0a ? [at] : []));
}

describe('LineBreaks', () => {
  it('finds CR and LF', () => {
    expect(all(Buffer.from('ab\r\nc\n\r'))).toEqual([2, 3, 5, 6]);
  });

  it('gives the length when there is none', () => {
    expect(new LineBreaks(Buffer.from('ab')).next(0)).toBe(2);
    expect(new LineBreaks(Buffer.alloc(0)).next(0)).toBe(0);
    expect(new LineBreaks(Buffer.from('\r')).next(1)).toBe(1);
  });

  it('tells every octet from its neighbours', () => {
    for (let octet = 0; octet < 256; octet += 1) {
      const octets = Buffer.alloc(67, octet);
      octets[65] = 0x0d;
      expect(all(octets)).toEqual(expected(octets));
    }
  });

  it('finds the same wherever the octets lie in memory', () => {
    // Octets around the line ends, and around the top bit, are what looking at four at a time could mistake.
    const octet = fc.oneof(fc.constantFrom(0, 9, 10, 11, 12, 13, 14, 15, 0x8a, 0x8d, 0x80, 0xff), fc.nat(255));
    const runs = fc.array(octet, { maxLength: 200 });
    fc.assert(
      fc.property(runs, fc.nat(7), (run, skew) => {
        const octets = Buffer.alloc(run.length + skew).subarray(skew);
        octets.set(run);
        expect(all(octets)).toEqual(expected(octets));
      }),
    );
  });
});
