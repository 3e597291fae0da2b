import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { fields, HeaderScanner } from './header.ts';

interface Facts {
  done: boolean;
  octets: number;
  end: number;
  longestField: number;
  fields: number;
  received: number;
}

function scan(chunks: readonly Buffer[]): Facts {
  const scanner = new HeaderScanner();
  for (const chunk of chunks) scanner.push(chunk);
  const { done, octets, end, longestField, fields, received } = scanner;
  return { done, octets, end, longestField, fields, received };
}

const scanText = (text: string): Facts => scan([Buffer.from(text, 'latin1')]);
const fieldsOf = (text: string): string[][] =>
  Array.from(fields(Buffer.from(text)), ({ name, value }) => [name, value]);

function cut(octets: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (octets.length + 1)), octets.length].toSorted((a, b) => a - b);
  return ends.map((end, n) => octets.subarray(n === 0 ? 0 : ends[n - 1], end));
}

/** The rules, read line by line over all of the content. */
function expected(text: string): Facts {
  const facts = { done: false, octets: 0, end: 0, longestField: 0, fields: 0, received: 0 };
  let field = 0;
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    if (/^\r?\n$/.test(line)) return { ...facts, done: true, end: facts.octets + line.length };
    const name = /^([!-9;-~]+)[ \t]*:/.exec(line);
    if (name) {
      field = facts.octets;
      facts.fields += 1;
      if (name[1]?.toLowerCase() === 'received') facts.received += 1;
    } else if (facts.fields === 0 || !/^[ \t]/.test(line)) {
      // Without its end it may become a field or the empty line yet.
      return { ...facts, done: !/^(?:\r|[!-9;-~]+[ \t]*)$/.test(line) };
    }
    facts.octets = facts.end = facts.octets + line.length;
    facts.longestField = Math.max(facts.longestField, facts.octets - field);
  }
  return facts;
}

const pieces = fc.constantFrom(
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  ':',
  'a',
  'Received',
  'rEcEiVeD',
  'x-b',
  '\xe9',
  '\0',
  'A: b\r\n',
);
const text = fc.array(pieces, { maxLength: 25 }).map((all) => all.join(''));

describe('HeaderScanner', () => {
  it('finds the empty line', () => {
    expect(scanText('A: b\r\nC: d\r\n\r\nE: f\r\n')).toEqual({
      done: true,
      octets: 12,
      end: 14,
      longestField: 6,
      fields: 2,
      received: 0,
    });
  });

  it('counts folded lines to their field', () => {
    expect(scanText('A: b\r\n c\r\n\td\r\n \r\nE: f\r\n\r\n')).toMatchObject({ fields: 2, longestField: 17 });
  });

  it('counts Received: in any case, and nothing like it', () => {
    const header = 'Received: a\r\nRECEIVED : b\r\nreceived\t:c\r\nReceivedd: d\r\nReceive: e\r\nX-Received: f\r\n\r\n';
    expect(scanText(header)).toMatchObject({ received: 3, fields: 6 });
  });

  it('reads white space before the colon', () => {
    expect(scanText('A  : b\r\n\r\n')).toMatchObject({ fields: 1, end: 10 });
  });

  it.each([
    '',
    ' a: b\r\n',
    'From joe Mon\r\nA: b\r\n',
    'no field\r\n',
    ': a\r\n',
    '\xe9: a\r\n',
    'a\r\n',
    '\0: a\r\n',
    'a\0b: c',
  ])('sees no header in %j', (body) => {
    expect(scanText(body)).toMatchObject({ octets: 0, end: 0, fields: 0, done: body !== '' });
  });

  it('ends in front of a line that is no field', () => {
    expect(scanText('A: b\r\nhello world\r\nC: d\r\n')).toMatchObject({ done: true, octets: 6, end: 6, fields: 1 });
    expect(scanText('A: b\r\n\rC: d\r\n')).toMatchObject({ done: true, octets: 6, end: 6, fields: 1 });
  });

  it('sees an empty header', () => {
    expect(scanText('\r\nA: b\r\n')).toMatchObject({ done: true, octets: 0, end: 2, fields: 0 });
  });

  it('tells where the body would begin while it is not done', () => {
    expect(scanText('A: b\r\nC: d')).toMatchObject({ done: false, octets: 10, end: 10 });
    expect(scanText('A: b\r\nC')).toMatchObject({ done: false, octets: 6, end: 6 });
    expect(scanText('A: b\r\n\r')).toMatchObject({ done: false, octets: 6, end: 6 });
  });

  it('holds a name that no line can hold to be body', () => {
    expect(scanText(`${'a'.repeat(998)}:\r\n\r\n`)).toMatchObject({ fields: 1, end: 1003 });
    expect(scanText(`${'a'.repeat(999)}:\r\n\r\n`)).toMatchObject({ fields: 0, end: 0, done: true });
    expect(scanText(`a${' '.repeat(998)}:\r\n\r\n`)).toMatchObject({ fields: 0, end: 0, done: true });
    const single = Array.from({ length: 999 }, () => Buffer.from('a'));
    expect(scan(single)).toMatchObject({ done: true, end: 0 });
  });

  it('tells the same however the octets are cut', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat()), (text, places) => {
        const octets = Buffer.from(text, 'latin1');
        const facts = expected(text);
        expect(scan([octets])).toEqual(facts);
        expect(scan(cut(octets, places))).toEqual(facts);
        expect(scan([...octets].map((octet) => Buffer.of(octet)))).toEqual(facts);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['a', ' ', ':', 'a:', 'a:\r\n', 'a: b\r\n c\r\n', '\r', 'Received:\n'])(
    'reads a megabyte of %j in linear time',
    (piece) => {
      const octets = Buffer.from(`a:${piece.repeat(1_000_000 / piece.length)}`);
      expect(scan([octets]).octets).toBeLessThanOrEqual(octets.length);
      expect([...fields(octets)].length).toBe(scan([octets]).fields);
    },
  );
});

describe('fields', () => {
  it('gives names as written and values unfolded', () => {
    expect(fieldsOf('Subject:  a\r\n b\t\r\n\tc \r\nX-Y :z\r\nE:\r\n\r\nbody: x\r\n')).toEqual([
      ['Subject', 'a b\t\tc'],
      ['X-Y', 'z'],
      ['E', ''],
    ]);
  });

  it('tells where each begins and ends', () => {
    const header = Buffer.from('A: b\r\n c\r\nD: e\r\n\r\n');
    expect(Array.from(fields(header), ({ start, end }) => String(header.subarray(start, end)))).toEqual([
      'A: b\r\n c\r\n',
      'D: e\r\n',
    ]);
  });

  it('reads UTF-8, and anything else as latin1', () => {
    expect(fieldsOf('A: é😀\r\n')).toEqual([['A', 'é😀']]);
    expect(Array.from(fields(Buffer.from('A: \xe9\r\n', 'latin1')))[0]?.value).toBe('é');
  });

  it('lets no line end into a value', () => {
    expect(fieldsOf('A: b\rc\r\r\n d\r\n')).toEqual([['A', 'bc d']]);
  });

  it('agrees with the scanner', () => {
    fc.assert(
      fc.property(text, (text) => {
        const octets = Buffer.from(text, 'latin1');
        const facts = scan([octets]);
        const all = [...fields(octets)];
        expect(all).toHaveLength(facts.fields);
        expect(all.at(-1)?.end ?? 0).toBe(facts.octets);
        expect(all.filter(({ name }) => name.toLowerCase() === 'received')).toHaveLength(facts.received);
        expect(Math.max(0, ...all.map(({ start, end }) => end - start))).toBe(facts.longestField);
        for (const { value } of all) expect(value).not.toMatch(/[\r\n]|^[ \t]|[ \t]$/);
      }),
    );
  });
});
