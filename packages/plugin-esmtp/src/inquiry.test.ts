import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parseInquiry } from './inquiry.ts';

describe('parseInquiry', () => {
  const word = fc.stringMatching(/^[a-zö@.]{1,12}$/);
  const parameter = fc.mixedCase(fc.constant('smtputf8'));
  const spaces = fc.stringMatching(/^ {1,3}$/);

  it('finds the parameter behind any argument, and nowhere else', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), parameter, spaces, (words, given, gap) => {
        const about = words.join(' ');
        expect(parseInquiry(about)).toBe('plain');
        expect(parseInquiry(`${about}${gap}${given}`)).toBe('internationalized');
        expect(parseInquiry(`${given}${gap}${about}`)).toBe('plain');
        expect(parseInquiry(`${about}${gap}${given}${gap}${about}`)).toBe('syntax');
        expect(parseInquiry(`${about}${gap}${given}${gap}${given}`)).toBe('syntax');
        expect(parseInquiry(`${about}${gap}${given}=${about}`)).toBe('syntax');
      }),
    );
  });

  it('never throws, and calls nothing internationalized that does not end so', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        if (parseInquiry(text) === 'internationalized') expect(text).toMatch(/ smtputf8 *$/i);
      }),
    );
  });
});
