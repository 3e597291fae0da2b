import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { formatDate } from './date.ts';

describe('formatDate', () => {
  it('writes what RFC 5322 3.3 reads', () => {
    expect(formatDate(Date.UTC(1998, 4, 21, 5, 33, 29))).toBe('Thu, 21 May 1998 05:33:29 +0000');
    expect(formatDate(Date.UTC(2024, 1, 1))).toBe('Thu, 01 Feb 2024 00:00:00 +0000');
  });

  it('throws RangeError for what is no time', () => {
    expect(() => formatDate(Number.NaN)).toThrow(RangeError);
    expect(() => formatDate(1e17)).toThrow(RangeError);
  });

  it('tells every time to the second', () => {
    const times = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) });
    const date = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} \+0000$/;
    fc.assert(
      fc.property(times, (ms) => {
        const written = formatDate(ms);
        expect(written).toMatch(date);
        expect(Date.parse(written)).toBe(ms - (ms % 1000));
      }),
    );
  });
});
