import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parseChunk } from './chunk.ts';

describe('parseChunk', () => {
  it.each([
    ['0', 0, false],
    ['86', 86, false],
    ['86 LAST', 86, true],
    ['0 LAST', 0, true],
    ['86 last', 86, true],
    ['86  LaSt ', 86, true],
    ['0086', 86, false],
    [`${'0'.repeat(400)}86`, 86, false],
    ['9007199254740991 LAST', 2 ** 53 - 1, true],
  ])('reads %j', (args, size, last) => {
    expect(parseChunk(args)).toEqual({ size, last });
  });

  it.each([
    '',
    ' ',
    'LAST',
    ' LAST',
    '-1',
    '+1',
    '1.0',
    '1e3',
    '0x10',
    '1_000',
    '1,000',
    '86LAST',
    '86 LASTS',
    '86 LAST LAST',
    '86 87',
    '86\tLAST',
    '٨٦',
    '８６',
    '86 ＬＡＳＴ',
    '86 LAſT',
    'Infinity',
    'NaN',
    '9007199254740992',
    '9007199254740993 LAST',
    '18446744073709551615',
    '1'.repeat(400),
  ])('reads nothing in %j', (args) => {
    expect(parseChunk(args)).toBeUndefined();
  });

  it('reads every size up to 2^53 - 1, however it is written', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.boolean(),
        fc.nat(30),
        fc.integer({ min: 1, max: 9 }),
        (size, last, zeros, gap) => {
          const args = `${'0'.repeat(zeros)}${size}${last ? `${' '.repeat(gap)}LAST` : ''}`;
          expect(parseChunk(args)).toEqual({ size, last });
        },
      ),
    );
  });

  it('reads no size beyond', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }), (size) => {
        expect(parseChunk(`${size} LAST`)).toBeUndefined();
      }),
    );
  });

  it('never throws, and reads nothing but digits and LAST', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
        (args) => {
          const chunk = parseChunk(args);
          if (chunk !== undefined) expect(args).toMatch(/^ *\d+( +last)? *$/i);
        },
      ),
    );
  });
});
