import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { dateTime, field, oneLine } from './field.ts';

describe('a field', () => {
  it('is one line, whatever its value is', () => {
    expect(field('Subject', 'a\r\nBcc: b', false)).toBe('Subject: a Bcc: b\r\n');
    const character = fc.oneof(fc.nat(0x2030), fc.nat(0xffff)).map((unit) => String.fromCharCode(unit));
    fc.assert(
      fc.property(fc.array(character, { maxLength: 2000 }), fc.boolean(), (characters, utf8) => {
        const line = field('Name', characters.join(''), utf8);
        expect(line).toMatch(utf8 ? /^Name: [^\0-\x1f\x7f-\x9f\u2028\u2029]*\r\n$/ : /^Name: [ -~]*\r\n$/);
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(998);
      }),
    );
  });

  it('is cut between two characters', () => {
    expect(oneLine('a'.repeat(901), true)).toBe('a'.repeat(900));
    expect(oneLine(`a${'é'.repeat(450)}`, true)).toBe(`a${'é'.repeat(449)}`);
    expect(oneLine('😀'.repeat(226), true)).toBe('😀'.repeat(225));
    expect(oneLine('é'.repeat(900), false)).toBe('?'.repeat(900));
  });
});

describe('a time', () => {
  it('has a numeric zone', () => {
    expect(dateTime(Date.UTC(2026, 0, 2, 3, 4, 5, 999))).toBe('Fri, 02 Jan 2026 03:04:05 +0000');
  });

  it('is refused where it is none', () => {
    expect(() => dateTime(Number.NaN)).toThrow('NaN is no time');
    expect(() => dateTime(9e15)).toThrow(RangeError);
  });
});
