import { Buffer } from 'node:buffer';
import { array, assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHeader } from './bounded-header.ts';
import { fieldAt, parseHeader } from './header.ts';
import { defaultExaminationLimits, longestHeader } from './limits.ts';

const limits = { ...defaultExaminationLimits, header: 1 };
const counting = ['from', 'dkim-signature', 'arc-seal', 'arc-message-signature', 'arc-authentication-results'];
const pieces = constantFrom(
  'From',
  'from',
  'DKIM-Signature',
  'ARC-Seal',
  ':',
  ':',
  ' ',
  '\t',
  '\r\n',
  '\r\n',
  'a',
  '\xa0',
  '-',
);
/** No empty line, which would end it. */
const headers = array(pieces, { maxLength: 40 }).map((found) =>
  Buffer.from(
    `${found
      .join('')
      .replace(/(\r\n)+/g, '\r\n')
      .replace(/^\r\n/, '')}\r\n\r\n`,
    'latin1',
  ),
);

describe('a header over a limit', () => {
  it('has the same fields that count as one that is read whole', () => {
    assert(
      property(headers, (section) => {
        // What the header begins with is taken for a field even without a colon.
        const whole = parseHeader(section).parsed.filter(
          ({ key, line }) => counting.includes(key) && line.includes(':'),
        );
        const { parsed, named } = readHeader(section, limits);
        expect(parsed).toEqual(whole.filter(({ key }) => key === 'from'));
        expect(named).toEqual({
          signatures: whole.filter(({ key }) => key === 'dkim-signature').length,
          chain: whole.some(({ key }) => key.startsWith('arc-')),
          more: false,
        });
      }),
      { numRuns: 5000, examples: [[Buffer.from(' \r\nFrom\r\n\t\r\n:\r\n\r\n')]] },
    );
  });

  it('has no field but From looked at, and no more of them than fields may be', () => {
    const section = Buffer.from('From: a\r\n'.repeat(5));
    expect(readHeader(section, { ...limits, fields: 5 })).toMatchObject({ named: { more: false } });
    const { parsed, named } = readHeader(section, { ...limits, fields: 4 });
    expect(parsed).toHaveLength(4);
    expect(named).toMatchObject({ more: true });
  });

  it.each([
    'a:b\r\n',
    'From\r\n',
    'From \r\n',
    'From\r\n ',
    ' ',
    '\t\r\n ',
    'From',
    'ARC-Seal \r\n ',
    'dkim-signature\t',
    'From:\r\n ',
    'a\r\n',
  ])('is read to its end whatever fills it: %j', (piece) => {
    const filling = piece.repeat(Math.floor((longestHeader - 100) / piece.length));
    const section = Buffer.from(`A: b\r\n${filling}\r\nFrom: c\r\n\r\n`.replace(/(\r\n){2,}(?=From: c)/, '\r\n'));
    const { parsed, named } = readHeader(section, defaultExaminationLimits);
    if (named?.more === false) expect(parsed.at(-1)?.line.toString()).toBe('From: c');
    else expect(parsed).toHaveLength(defaultExaminationLimits.fields);
  });
});

describe('a field by itself', () => {
  it('is as in the whole header, or cut where it is too long', () => {
    assert(
      property(headers, integer({ min: 1, max: 30 }), (section, most) => {
        let start = 0;
        for (const { line } of parseHeader(section).parsed) {
          const found = fieldAt(section, start, most).line;
          if (line.length + 2 <= most) expect(found).toEqual(line);
          else expect(found.length + 2).toBeGreaterThan(most);
          start += line.length + 2;
        }
      }),
      { numRuns: 3000 },
    );
  });
});
