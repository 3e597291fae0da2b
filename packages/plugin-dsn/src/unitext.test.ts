import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { decodeUnitext, encodeUnitext } from './unitext.ts';

describe('utf-8-addr-xtext', () => {
  it.each([
    ['joe@x.example', 'joe@x.example'],
    ['j\\x{F6}rg@x.example', 'jörg@x.example'],
    ['j\\x{f6}rg@x.example', 'jörg@x.example'],
    ['\\x{7528}\\x{6237}@x', '用户@x'],
    ['\\x{1F600}\\x{10FFFF}@x', '😀\u{10ffff}@x'],
    ['a\\x{2B}b\\x{3D}c\\x{20}d\\x{5C}e', 'a+b=c d\\e'],
    ['jörg@x', 'jörg@x'],
    ['"a"@[x]', '"a"@[x]'],
  ])('%s is %j', (encoded, address) => {
    expect(decodeUnitext(encoded)).toBe(address);
  });

  it.each([
    ['nothing', ''],
    ['a plus sign', 'a+b@x'],
    ['xtext', 'a+2Bb@x'],
    ['an equals sign', 'a=b'],
    ['a space', 'a b'],
    ['a backslash alone', 'a\\b'],
    ['another escape', 'a\\u{F6}'],
    ['one that is cut off', 'a\\x{F6'],
    ['one without digits', 'a\\x{}'],
    ['one with no digits', 'a\\x{G0}'],
    ['a capital X', 'a\\X{F6}'],
    ['visible ASCII that need not be encoded', 'a\\x{41}'],
    ['zeros in front', 'a\\x{00F6}'],
    ['a surrogate', 'a\\x{D800}'],
    ['seven digits', 'a\\x{10FFFFF}'],
    ['beyond Unicode', 'a\\x{110000}'],
    ['an encoded control character that the grammar has', 'a\\x{01}'],
    ['an encoded DLE', 'a\\x{10}'],
    ['an encoded CR', 'a\\x{0D}'],
    ['an encoded LF', 'a\\x{0A}'],
    ['an encoded DEL', 'a\\x{7F}'],
    ['an encoded C1 control', 'a\\x{85}'],
    ['an encoded line separator', 'a\\x{2028}'],
    ['a NUL', 'a\0'],
    ['a CR', 'a\r'],
    ['a C1 control', 'a\x85'],
    ['a line separator', 'a\u2028'],
    ['half a character', 'a\ud800'],
  ])('refuses %s', (_, encoded) => {
    expect(decodeUnitext(encoded)).toBeUndefined();
  });

  it('writes what it reads', () => {
    expect(encodeUnitext('jörg+=\\ 用😀', 'xtext')).toBe('j\\x{F6}rg\\x{2B}\\x{3D}\\x{5C}\\x{20}\\x{7528}\\x{1F600}');
    expect(encodeUnitext('jörg+=\\ 用😀', 'unitext')).toBe('jörg\\x{2B}\\x{3D}\\x{5C}\\x{20}用😀');
    const character = fc.oneof(
      fc.constantFrom(' ', '+', '=', '\\', '\\x{', '}'),
      fc.stringMatching(/^[!-~¡-ÿĀ-\u2000😀]$/u),
    );
    fc.assert(
      fc.property(fc.array(character, { minLength: 1 }), fc.constantFrom('xtext', 'unitext'), (characters, form) => {
        const address = characters.join('');
        const encoded = encodeUnitext(address, form);
        expect(encoded).toMatch(form === 'xtext' ? /^[!-~]+$/ : /^[^ +=]+$/);
        expect(decodeUnitext(encoded)).toBe(address);
      }),
    );
  });

  it('never throws and never gives a control character, in linear time', () => {
    const piece = fc.oneof(
      fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom('\\x{', '}', '0A', 'F6', '85'),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(decodeUnitext(pieces.join('')) ?? 'a').toMatch(/^[^\0-\x1f\x7f-\x9f\u2028\u2029]+$/);
      }),
    );
    for (const repeated of ['a', '\\', '\\x{', '\\x{F6}', 'é']) {
      expect(decodeUnitext(`${repeated.repeat(100_000)}+`)).toBeUndefined();
    }
  });
});
