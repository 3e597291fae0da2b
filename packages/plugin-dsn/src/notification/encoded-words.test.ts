import { fc } from '@fast-check/vitest';
import { decodeWords } from 'postal-mime';
import { expect, it } from 'vitest';
import { encodedWords } from './encoded-words.ts';

it('leaves ASCII as it is', () => {
  expect(encodedWords('Undelivered mail')).toBe('Undelivered mail');
});

it('encodes other text in words of at most 75 characters, each whole', () => {
  expect(encodedWords('Unzustellbar: Größe')).toBe('=?utf-8?B?VW56dXN0ZWxsYmFyOiBHcsO2w59l?=');
  const text = fc.array(fc.constantFrom('a', ' ', 'é', '用', '😀', '?', '='), { minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(text, (characters) => {
      const encoded = encodedWords(`${characters.join('')}é`);
      for (const word of encoded.split('\r\n ')) expect(word).toMatch(/^=\?utf-8\?B\?[A-Za-z0-9+/=]{4,63}\?=$/);
      expect(decodeWords(encoded.replaceAll('\r\n', ''))).toBe(`${characters.join('')}é`);
    }),
  );
});
