import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { CanonicalText } from './canonical.ts';

type Mode = 'refuse' | 'convert';

function take(text: string, mode: Mode, places: readonly number[] = []): { text: string; bare: boolean } {
  const canonical = new CanonicalText(mode);
  const ends = [...places.map((place) => place % (text.length + 1)), text.length].toSorted((a, b) => a - b);
  const chunks = ends.map((end, n) => Buffer.from(text.slice(n === 0 ? 0 : ends[n - 1], end), 'latin1'));
  const before = chunks.map((chunk) => chunk.toString('latin1'));
  const taken = [...chunks.map((chunk) => canonical.take(chunk)), canonical.end()];
  expect(chunks.map((chunk) => chunk.toString('latin1'))).toEqual(before);
  return { text: taken.map((part) => part.toString('latin1')).join(''), bare: canonical.bare };
}

describe('CanonicalText', () => {
  it.each(['', 'a', 'a\r\n', '\r\n\r\n', 'a\r\n.\r\n\0b\xff'])('leaves %j as it is', (text) => {
    expect(take(text, 'refuse')).toEqual({ text, bare: false });
    expect(take(text, 'convert')).toEqual({ text, bare: false });
  });

  it.each([
    ['\n', '\r\n'],
    ['\r', '\r\n'],
    ['\r\r\n', '\r\n\r\n'],
    ['\n\r', '\r\n\r\n'],
    ['\r\n\n', '\r\n\r\n'],
    ['a\n.\nb', 'a\r\n.\r\nb'],
    ['a\rb', 'a\r\nb'],
  ])('finds what is bare in %j', (text, converted) => {
    expect(take(text, 'refuse')).toEqual({ text, bare: true });
    expect(take(text, 'convert')).toEqual({ text: converted, bare: true });
  });

  const text = fc.array(fc.constantFrom('\r\n', '\r', '\n', '.', 'a', '\0', 'x'.repeat(70))).map((all) => all.join(''));

  it('gives the same however the text is cut: every line end is CRLF, nothing else is touched', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(1000)), (text, places) => {
        const bare = /\r(?!\n)|(?<!\r)\n/.test(text);
        expect(take(text, 'refuse', places)).toEqual({ text, bare });
        expect(take(text, 'convert', places)).toEqual({ text: text.replaceAll(/\r\n|\r|\n/g, '\r\n'), bare });
      }),
    );
  });
});
