import { Buffer } from 'node:buffer';
import { array, assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeaderGatherer } from './header-end.ts';

const gather = (chunks: readonly string[], limit = 100): { gatherer: HeaderGatherer; rest: string } => {
  const gatherer = new HeaderGatherer(limit);
  let rest = '';
  for (const chunk of chunks) rest += chunk.slice(gatherer.take(Buffer.from(chunk, 'latin1')));
  return { gatherer, rest };
};

const texts = array(constantFrom('\r\n', '\r', '\n', 'a', 'bb'), { maxLength: 12 }).map((parts) => parts.join(''));

describe('the end of a header', () => {
  it('is the first empty line', () => {
    const { gatherer, rest } = gather(['a: b\r\n\r\nbody\r\n\r\n']);
    expect(gatherer.section.toString()).toBe('a: b\r\n\r\n');
    expect(gatherer.complete).toBe(true);
    expect(rest).toBe('body\r\n\r\n');
  });

  it('may be where the message begins', () => {
    const { gatherer, rest } = gather(['\r\na: b\r\n\r\n']);
    expect(gatherer.section.toString()).toBe('\r\n');
    expect(rest).toBe('a: b\r\n\r\n');
  });

  it('may not come', () => {
    const { gatherer } = gather(['a: b\r\n', 'c: d\r\n']);
    expect(gatherer).toMatchObject({ complete: false, tooLong: false });
    expect(gatherer.section.toString()).toBe('a: b\r\nc: d\r\n');
  });

  it('may come as the last of the octets that may be, and no later', () => {
    expect(gather(['a: 4567\r\n\r\n'], 11).gatherer).toMatchObject({ complete: true, tooLong: false });
    expect(gather(['a: 45678\r\n\r\n'], 11).gatherer).toMatchObject({ complete: false, tooLong: true });
    expect(gather(['a: 456789'], 11).gatherer.tooLong).toBe(false);
  });

  it('holds no more than one octet beyond the limit', () => {
    const { gatherer } = gather(['x'.repeat(20_000), 'x'.repeat(20_000)], 10_000);
    expect(gatherer.tooLong).toBe(true);
    expect(gatherer.section).toHaveLength(10_001);
  });

  it('does not depend on the chunks', () => {
    assert(
      property(texts, texts, integer({ min: 1, max: 12 }), (a, b, limit) => {
        const text = a + b;
        const octets = gather(text.split(''), limit);
        for (const chunks of [[text], [a, b]]) {
          const { gatherer, rest } = gather(chunks, limit);
          expect(gatherer.complete).toBe(octets.gatherer.complete);
          expect(gatherer.tooLong).toBe(octets.gatherer.tooLong);
          expect(gatherer.section).toEqual(octets.gatherer.section);
          expect(rest).toBe(octets.rest);
        }
      }),
    );
  });
});
