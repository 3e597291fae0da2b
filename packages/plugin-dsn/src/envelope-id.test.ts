import { encodeXtext } from '@maitred/core';
import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parseEnvelopeId } from './envelope-id.ts';

describe('ENVID', () => {
  it.each([
    ['QQ314159', 'QQ314159'],
    ['QQ+20314+2B15+3D9', 'QQ 314+15=9'],
    ['+51Q', 'QQ'],
    ['<id@host>', '<id@host>'],
    ['a'.repeat(100), 'a'.repeat(100)],
  ])('%s is %j', (encoded, value) => {
    expect(parseEnvelopeId(encoded)).toEqual({ value, encoded });
  });

  it.each([
    ['no value', undefined],
    ['nothing', ''],
    ['101 characters', 'a'.repeat(101)],
    ['a plus sign without digits', 'a+'],
    ['lower-case digits', 'a+2b'],
    ['an encoded CR', 'a+0Db'],
    ['an encoded LF and more', 'a+0ABcc:+20x'],
    ['an encoded TAB', 'a+09b'],
    ['an encoded NUL', '+00'],
    ['an encoded DEL', '+7F'],
    ['encoded UTF-8', '+C3+A9'],
    ['an encoded octet that is no text', '+FF'],
    ['UTF-8', 'é'],
  ])('refuses %s', (_, encoded) => {
    expect(parseEnvelopeId(encoded)).toBeUndefined();
  });

  it('is any printable ASCII', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{1,33}$/), (value) => {
        expect(parseEnvelopeId(encodeXtext(value))).toEqual({ value, encoded: encodeXtext(value) });
      }),
    );
  });

  it('never throws and never gives a control character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('+', '0', '1', '7', '9', 'A', 'D', 'F', 'a', 'é', '=', '\r', ' ') }),
        (encoded) => {
          expect(parseEnvelopeId(encoded)?.value ?? 'a').toMatch(/^[ -~]{1,100}$/);
        },
      ),
    );
  });
});
