import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { safeText } from './safe-text.ts';

describe("a stranger's text", () => {
  it.each([
    ['See http://example.com/why.html', 'See http://example.com/why.html'],
    ['two\r\n250 lines', 'two  250 lines'],
    ['he said "no"', "he said 'no'"],
    ['  Grüße\0 ', 'Gr  e'],
    ['\u001b[31mred', '[31mred'],
    ['a'.repeat(200), 'a'.repeat(200)],
    ['a'.repeat(201), `${'a'.repeat(197)}...`],
    [' \u2028\u0000', undefined],
    ['', undefined],
  ])('%j becomes %j', (text, safe) => {
    expect(safeText(text)).toBe(safe);
  });

  it('is never more than one bounded line of printable ASCII without double quotes, whatever came', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        expect(safeText(text) ?? 'nothing').toMatch(/^(?! )[ !#-~]{1,200}(?<! )$/);
      }),
    );
  });
});
