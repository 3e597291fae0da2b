import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { encodeReply, reply } from './reply.ts';
import type { EnhancedCode, Reply } from './reply.ts';

const anyText = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc
    .array(fc.constantFrom('\r', '\n', '\0', '\t', '\x7f', '\x85', '\u2028', '\ud800', 'é', '😀', ' ', 'word'), {
      maxLength: 700,
    })
    .map((pieces) => pieces.join('')),
);

describe('reply', () => {
  it('is a frozen value', () => {
    const made = reply(250, '2.1.5', 'OK');
    expect(made).toEqual({ code: 250, enhanced: '2.1.5', lines: ['OK'] });
    expect(Object.isFrozen(made)).toBe(true);
    expect(Object.isFrozen(made.lines)).toBe(true);
    expect('enhanced' in reply(250, undefined, 'OK')).toBe(false);
  });

  it('has one empty line when it is given none', () => {
    expect(reply(250, undefined).lines).toEqual(['']);
  });

  it('makes several lines of a text with line breaks', () => {
    expect(reply(550, '5.7.1', 'one\r\ntwo\nthree\rfour').lines).toEqual(['one', 'two', 'three', 'four']);
  });

  it('puts a space for any other control character', () => {
    expect(reply(550, undefined, 'a\0b\tc\x7fd\x85e\u2028f').lines).toEqual(['a b c d e f']);
  });

  it.each([199, 600, 250.5, Number.NaN, -250])('throws RangeError for the code %s', (code) => {
    expect(() => reply(code, undefined, 'x')).toThrow(RangeError);
  });

  it.each<[number, string]>([
    [250, '5.0.0'],
    [550, '4.0.0'],
    [354, '2.0.0'],
    [250, '2.0'],
    [250, '2.01.0'],
    [250, '2.0.1000'],
    [250, '2.0.0\r\n'],
    [250, '2.-1.0'],
  ])('throws RangeError for %s with %j', (code, enhanced) => {
    expect(() => reply(code, enhanced as EnhancedCode, 'x')).toThrow(RangeError);
  });
});

describe('encodeReply', () => {
  it('writes one line, and several', () => {
    expect(encodeReply(reply(250, undefined, 'OK'), false)).toBe('250 OK\r\n');
    expect(encodeReply(reply(250, undefined, 'a', 'b', 'c'), false)).toBe('250-a\r\n250-b\r\n250 c\r\n');
  });

  it('writes a space behind the code when there is no text', () => {
    expect(encodeReply(reply(250, undefined), false)).toBe('250 \r\n');
    expect(encodeReply({ code: 250, lines: [] }, false)).toBe('250 \r\n');
  });

  it('leaves the enhanced code to whoever formats', () => {
    expect(encodeReply(reply(250, '2.0.0', 'OK'), false)).toBe('250 OK\r\n');
  });

  it('writes the parts instead of the lines', () => {
    const parts = [reply(250, undefined, 'kept'), reply(452, undefined, 'full')];
    expect(encodeReply({ code: 250, lines: ['unseen'], parts }, false)).toBe('250 kept\r\n452 full\r\n');
  });

  it('writes its lines when the list of parts is empty: a client never waits for nothing', () => {
    expect(encodeReply({ code: 250, lines: ['OK'], parts: [] }, false)).toBe('250 OK\r\n');
  });

  it('lets no line break of a hand-made reply through', () => {
    expect(encodeReply({ code: 250, lines: ['OK\r\n250 forged\0'] }, true)).toBe('250-OK\r\n250 250 forged \r\n');
  });

  it('writes 451 for a code that is none', () => {
    expect(encodeReply({ code: '250 OK\r\n250' as unknown as number, lines: ['x'] }, false)).toBe('451 x\r\n');
  });

  it('writes UTF-8 only where it may', () => {
    expect(encodeReply(reply(250, undefined, 'Grüße 😀'), true)).toBe('250 Grüße 😀\r\n');
    expect(encodeReply(reply(250, undefined, 'Grüße 😀'), false)).toBe('250 Gr??e ?\r\n');
    expect(encodeReply(reply(250, undefined, 'a\ud800b'), true)).toBe('250 a\ufffdb\r\n');
  });

  it('is written in UTF-8 if it says so itself, and each of its parts by itself', () => {
    const asked = { ...reply(250, undefined, 'Jörg'), utf8: true };
    expect(encodeReply(asked, false)).toBe('250 Jörg\r\n');
    expect(encodeReply({ ...asked, utf8: false }, true)).toBe('250 Jörg\r\n');
    const parts = [asked, reply(250, undefined, 'Jörg')];
    expect(encodeReply({ code: 250, lines: [], parts }, false)).toBe('250 Jörg\r\n250 J?rg\r\n');
  });

  it('folds a long line at a space, repeating the enhanced code', () => {
    const made = reply(550, '5.7.1', `5.7.1 ${'word '.repeat(120)}end`);
    const lines = encodeReply(made, false).split('\r\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^550-5\.7\.1 word .* word$/);
    expect(lines[1]).toMatch(/^550 5\.7\.1 word .*word end$/);
  });

  it('cuts a long word, but no character', () => {
    const lines = encodeReply(reply(250, undefined, `x${'€'.repeat(400)}`), true).split('\r\n');
    expect(lines.slice(0, -1).every((line) => /^250[ -]x?€+$/.test(line))).toBe(true);
    expect(lines.join('').match(/€/g)).toHaveLength(400);
  });

  it('keeps the text of a 3xx whole', () => {
    expect(encodeReply(reply(334, undefined, 'x'.repeat(12_000)), false)).toBe(`334 ${'x'.repeat(12_000)}\r\n`);
  });

  it('is a reply as RFC 5321 4.2 writes it, whatever was in it', () => {
    const made: fc.Arbitrary<Reply> = fc.record({
      code: fc.integer({ min: 200, max: 599 }),
      lines: fc.array(anyText, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(made, fc.boolean(), (handMade, utf8) => {
        const encoded = encodeReply(handMade, utf8);
        const lines = encoded.split('\r\n');
        expect(lines.pop()).toBe('');
        lines.forEach((line, n) => {
          expect(line.slice(0, 4)).toBe(`${handMade.code}${n === lines.length - 1 ? ' ' : '-'}`);
          if (Math.floor(handMade.code / 100) !== 3) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(510);
          expect(line).toMatch(utf8 ? /^[^\0-\x1f\x7f-\x9f\u2028\u2029]*$/ : /^[ -~]*$/);
        });
        const made = reply(handMade.code, undefined, ...handMade.lines);
        expect(encodeReply(made, utf8)).toBe(encoded);
      }),
    );
  });

  it('folds a text of a million characters in linear time', () => {
    const encoded = encodeReply(reply(250, undefined, `5.7.1 ${'x'.repeat(1_000_000)}`), false);
    expect(encoded.length).toBeGreaterThan(1_000_000);
  });

  it('loses nothing but the spaces it folds at', () => {
    const words = fc.array(fc.stringMatching(/^[!-~]{1,40}$/), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(words, (words) => {
        const encoded = encodeReply(reply(250, undefined, words.join(' ')), false);
        expect(encoded.replaceAll(/\r\n250[ -]/g, ' ').slice(4, -2)).toBe(words.join(' '));
      }),
    );
  });
});
