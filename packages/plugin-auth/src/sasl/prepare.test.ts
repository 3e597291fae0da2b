import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepare } from './prepare.ts';

describe('SASLprep', { timeout: 30_000 }, () => {
  // RFC 4013 3
  it.each([
    ['I\u00adX', 'IX'],
    ['user', 'user'],
    ['USER', 'USER'],
    ['\u00aa', 'a'],
    ['\u2168', 'IX'],
    ['\u0007', undefined],
    ['\u06271', undefined],
  ])('makes %j of it %j', (text, prepared) => {
    expect(prepare(text)).toBe(prepared);
  });

  it.each(['', '\u00ad', '\0', 'a\0b', 'a\r\nb', '\x7f', '\ud800', '\ufffd', '\u2028'])('can’t prepare %j', (text) => {
    expect(prepare(text)).toBeUndefined();
  });

  it('knows two ways to type one text, and the emoji of today', () => {
    expect(prepare('Ju\u0308rgen')).toBe(prepare('J\u00fcrgen'));
    expect(prepare('🔑')).toBe('🔑');
  });

  it('leaves no control character and no half of one, and nothing to prepare again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        const prepared = prepare(text);
        if (prepared === undefined) return;
        expect(prepared).toMatch(/^[^\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+$/u);
        expect(prepare(prepared)).toBe(prepared);
      }),
      { numRuns: 1000 },
    );
  });
});
