import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { decodeXtext, encodeXtext, parseParameters } from './parameters.ts';

describe('parseParameters', () => {
  it('gives keywords in upper case, with their values', () => {
    expect(parseParameters('size=1000 Body=8BITMIME SMTPUTF8')).toEqual([
      { keyword: 'SIZE', value: '1000' },
      { keyword: 'BODY', value: '8BITMIME' },
      { keyword: 'SMTPUTF8', value: undefined },
    ]);
  });

  it('gives nothing for nothing', () => {
    expect(parseParameters('')).toEqual([]);
  });

  it('lets several spaces pass', () => {
    expect(parseParameters('  A   B=1 ')).toEqual([
      { keyword: 'A', value: undefined },
      { keyword: 'B', value: '1' },
    ]);
  });

  it('gives one that comes twice twice', () => {
    expect(parseParameters('A=1 a=2')).toHaveLength(2);
  });

  it('allows any visible character but = in a value, and UTF-8', () => {
    expect(parseParameters('ORCPT=utf-8;jörg\\x{1F600}+3D😀<>~!')).toEqual([
      { keyword: 'ORCPT', value: 'utf-8;jörg\\x{1F600}+3D😀<>~!' },
    ]);
  });

  it.each([
    '=',
    '=1',
    'A=',
    'A==',
    'A=1=2',
    '-A',
    'A_B',
    'É=1',
    'A=\t',
    'A=\0',
    'A=\x7f',
    'A=\x85',
    'A=\u2028',
    'A=\ud800',
  ])('refuses %j', (text) => {
    expect(parseParameters(text)).toBe('syntax');
    expect(parseParameters(`B=1 ${text}`)).toBe('syntax');
  });

  it('gives back what was written', () => {
    const parameter = fc.record({
      keyword: fc.stringMatching(/^[A-Z0-9][A-Z0-9-]{0,10}$/),
      value: fc.option(fc.stringMatching(/^[!-<>-~¡-ʯ]{1,20}$/), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(parameter), (parameters) => {
        const words = parameters.map(({ keyword, value }) => (value === undefined ? keyword : `${keyword}=${value}`));
        expect(parseParameters(words.join(' '))).toEqual(parameters);
      }),
    );
  });

  it('never throws, in linear time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const parsed = parseParameters(text);
        expect(parsed === 'syntax' || Array.isArray(parsed)).toBe(true);
      }),
    );
    for (const piece of ['A', '-', '=', ' ', 'A ', 'A=1 ', 'é']) parseParameters(`A=${piece.repeat(300_000)}`);
  });
});

describe('xtext', () => {
  it('encodes + and =, and what is not visible ASCII', () => {
    expect(encodeXtext('a+b=c d\r\n')).toBe('a+2Bb+3Dc+20d+0D+0A');
    expect(encodeXtext('é')).toBe('+C3+A9');
    expect(encodeXtext('')).toBe('');
    expect(encodeXtext('Az09<>!~')).toBe('Az09<>!~');
  });

  it.each(['+', '+2', '+2b', '+2G', '++2B', 'a b', 'a=b', 'é', 'a\n', '+FF', '+C3'])('refuses %j', (xtext) => {
    expect(decodeXtext(xtext)).toBeUndefined();
  });

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const xtext = encodeXtext(text);
        expect(xtext).toMatch(/^[!-<>-~]*$/);
        expect(decodeXtext(xtext)).toBe(text.replaceAll(/[\ud800-\udfff]/gu, '\ufffd'));
      }),
    );
  });

  it('never throws, in linear time', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('+', '2', 'B', 'F', 'a', '=', ' ') }), (text) => {
        const decoded = decodeXtext(text);
        if (decoded !== undefined) expect(decodeXtext(encodeXtext(decoded))).toBe(decoded);
      }),
    );
    expect(decodeXtext('+2B'.repeat(300_000))).toHaveLength(300_000);
    expect(decodeXtext(`${'a'.repeat(1_000_000)}+`)).toBeUndefined();
  });
});
