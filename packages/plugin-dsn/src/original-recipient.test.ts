import { encodeXtext } from '@maitred/core';
import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parseOriginalRecipient } from './original-recipient.ts';

describe('ORCPT', () => {
  it.each([
    ['rfc822;Bob@Example.COM', 'rfc822', 'Bob@Example.COM'],
    ['RFC822;a+2Bb+3D@x', 'rfc822', 'a+b=@x'],
    ['rfc822;not a mailbox'.replaceAll(' ', '+20'), 'rfc822', 'not a mailbox'],
    ['rfc822;a;b', 'rfc822', 'a;b'],
    ['x400;/C=us/'.replace('=', '+3D'), 'x400', '/C=us/'],
    ['utf-8;j\\x{F6}rg@x', 'utf-8', 'jörg@x'],
    ['UTF-8;jörg@x', 'utf-8', 'jörg@x'],
    [`rfc822;${'a'.repeat(493)}`, 'rfc822', 'a'.repeat(493)],
  ])('%s', (encoded, type, address) => {
    expect(parseOriginalRecipient(encoded)).toEqual({ type, address, encoded });
  });

  it.each([
    ['no value', undefined],
    ['nothing', ''],
    ['no type', 'bob@x'],
    ['an empty type', ';bob@x'],
    ['an empty address', 'rfc822;'],
    ['an empty address of type utf-8', 'utf-8;'],
    ['a type that is no atom', 'rfc.822;bob@x'],
    ['a type beyond ASCII', 'rfc８22;bob@x'],
    ['501 octets', `rfc822;${'a'.repeat(494)}`],
    ['501 octets of fewer characters', `utf-8;${'é'.repeat(247)}a`],
    ['an encoded CR LF', 'rfc822;a+0D+0ABcc:b@x'],
    ['an encoded NUL', 'rfc822;a+00'],
    ['an encoded TAB', 'rfc822;a+09'],
    ['encoded UTF-8', 'rfc822;j+C3+B6rg@x'],
    ['UTF-8 of another type', 'rfc822;jörg@x'],
    ['bad xtext', 'rfc822;a+b'],
    ['xtext of type utf-8', 'utf-8;a+2Bb@x'],
    ['an encoded control character of type utf-8', 'utf-8;a\\x{0D}\\x{0A}b'],
  ])('refuses %s', (_, encoded) => {
    expect(parseOriginalRecipient(encoded)).toBeUndefined();
  });

  it('is any printable ASCII in xtext', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{1,150}$/), (address) => {
        expect(parseOriginalRecipient(`rfc822;${encodeXtext(address)}`)).toMatchObject({ type: 'rfc822', address });
      }),
    );
  });

  it('never throws and never gives a control character', () => {
    const piece = fc.oneof(
      fc.constantFrom('rfc822;', 'utf-8;', '\\x{0A}', '+0D', ';'),
      fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const { type, address } = parseOriginalRecipient(pieces.join('')) ?? { type: 'a', address: 'a' };
        expect(type).toMatch(/^[!-~]+$/);
        expect(address).toMatch(/^[^\0-\x1f\x7f-\x9f\u2028\u2029]+$/);
      }),
    );
  });
});
