import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAuthres } from '../../test/authres.ts';
import type { Resinfo } from '../results.ts';
import { writeResults } from './write.ts';

const spf: Resinfo = {
  method: 'spf',
  result: 'pass',
  comment: 'mx.example: example.org permits 192.0.2.1',
  properties: [{ ptype: 'smtp', property: 'mailfrom', value: 'ann@example.org' }],
};

const of = (value: string): Resinfo => ({
  method: 'dkim',
  result: 'pass',
  properties: [{ ptype: 'header', property: 'd', value }],
});

describe('writeResults', () => {
  it('writes the authserv-id and a result a line', () => {
    expect(writeResults('mx.example', [spf, { method: 'dmarc', result: 'fail', reason: 'no', properties: [] }])).toBe(
      'mx.example;\r\n\tspf=pass (mx.example: example.org permits 192.0.2.1)\r\n\tsmtp.mailfrom=ann@example.org;\r\n\tdmarc=fail reason=no',
    );
  });

  it('says none where nothing was checked', () => {
    expect(writeResults('mx.example', [])).toBe('mx.example; none');
    expect(parseAuthres('mx.example; none')).toEqual({ authservId: 'mx.example', results: [] });
  });

  it.each([
    ['example.org', 'example.org'],
    ['@example.org', '@example.org'],
    ["o'neil.b+c=d@mail.example.org", "o'neil.b+c=d@mail.example.org"],
    ['ann@localhost', '"ann@localhost"'],
    ['"a b"@example.org', String.raw`"\"a b\"@example.org"`],
    ['2001:db8::1', '"2001:db8::1"'],
    ['abc/def+g=', '"abc/def+g="'],
    ['a; dkim=pass', '"a; dkim=pass"'],
    [String.raw`back\slash`, String.raw`"back\\slash"`],
    ['(no comment)', '"(no comment)"'],
    ['', '""'],
  ])('writes the value %j as %j', (value, written) => {
    expect(writeResults('mx.example', [of(value)])).toBe(`mx.example;\r\n\tdkim=pass header.d=${written}`);
  });

  it.each([
    'a\r\nb',
    'a\nSubject: x',
    'a\0b',
    'a\tb',
    'a\x7f',
    'bücher.example',
    '\u2028',
    '\uD800',
    'x'.repeat(513),
    '"'.repeat(256),
  ])('leaves out a property whose value is %j: it would be another', (value) => {
    expect(writeResults('mx.example', [of(value)])).toBe('mx.example;\r\n\tdkim=pass');
  });

  it('writes UTF-8 where that is spoken, but no controls and no halves of characters', () => {
    const utf8 = { utf8: true };
    expect(writeResults('mx.example', [of('büro@bücher.example')], utf8)).toContain('header.d="büro@bücher.example"');
    for (const value of ['a\u0085b', 'a\u2028b', 'a\uD800b', 'a\r\nb']) {
      expect(writeResults('mx.example', [of(value)], utf8)).toBe('mx.example;\r\n\tdkim=pass');
    }
    const comment = 'ü\uDC00\u2029\n😀';
    expect(writeResults('mx.example', [{ ...of('a'), comment }], utf8)).toContain('(ü???😀)');
    expect(writeResults('mx.example', [{ ...of('a'), comment }])).toContain('(?????)');
  });

  it('cuts comments and reasons at 256 octets, never inside an escape or a character', () => {
    const [one] = parseAuthres(
      writeResults('mx.example', [{ ...of('a'), comment: '(('.repeat(500), reason: '€ '.repeat(500) }], { utf8: true }),
    ).results;
    expect(one).toMatchObject({ comments: ['('.repeat(128)], reason: '€ '.repeat(64) });
  });

  it.each(['', 'mx example\r\n', '\0', 'x'.repeat(513), 'bücher.example'])('refuses the authserv-id %j', (id) => {
    expect(() => writeResults(id, [])).toThrow(RangeError);
  });

  it.each([
    { ...spf, method: 'sp f' },
    { ...spf, result: 'pass; dkim=pass' },
    { ...spf, method: '' },
    { ...spf, properties: [{ ptype: 'smtp.x', property: 'mailfrom', value: '' }] },
    { ...spf, properties: [{ ptype: 'smtp', property: 'mail-', value: '' }] },
  ])('refuses what is no keyword: %j', (one) => {
    expect(() => writeResults('mx.example', [one])).toThrow(/no keyword/);
  });

  const keyword = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/).filter((word) => word !== 'reason' && word !== 'none');
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 600 }),
    fc.string({ unit: fc.constantFrom(...Array.from(' \t\r\n\0\\"();=@.,a1-/')) }),
    fc.string({ unit: 'grapheme-ascii' }),
    fc.emailAddress(),
    fc.domain(),
    fc.ipV6(),
  );
  const result = fc.record(
    {
      method: keyword,
      result: keyword,
      reason: anything,
      comment: anything,
      properties: fc.array(fc.record({ ptype: keyword, property: keyword, value: anything }), { maxLength: 4 }),
    },
    { requiredKeys: ['method', 'result', 'properties'] },
  );

  it('is read back as it was meant, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(result, { maxLength: 4 }), fc.boolean(), (all, utf8) => {
        const written = writeResults('mx.example', all, { utf8 });
        const read = parseAuthres(written);
        expect(read.authservId).toBe('mx.example');
        expect(read.results.map(({ method, result }) => ({ method, result }))).toEqual(
          all.map(({ method, result }) => ({ method, result })),
        );
        for (const [at, { properties, comment, reason }] of all.entries()) {
          const found = read.results[at];
          const whole = properties.map(({ ptype, property, value }) => `${ptype}.${property}=${value}`);
          const printable = properties.map(({ value }) => /^[ -~]{0,250}$/.test(value));
          // What is there is what was said, in order; what can be written is there.
          expect(whole.filter((one) => found?.properties.includes(one))).toEqual(found?.properties);
          for (const [nth, one] of whole.entries()) if (printable[nth]) expect(found?.properties).toContain(one);
          if (/^[ -~]{1,120}$/.test(comment ?? '')) expect(found?.comments).toEqual([comment]);
          if (/^[ -~]{1,120}$/.test(reason ?? '')) expect(found?.reason).toBe(reason);
        }
      }),
    );
  });

  it('is one field, of lines that no one cuts', () => {
    fc.assert(
      fc.property(fc.array(result, { maxLength: 4 }), fc.boolean(), (all, utf8) => {
        const lines = `Authentication-Results: ${writeResults('mx.example', all, { utf8 })}`.split('\r\n');
        for (const [at, line] of lines.entries()) {
          expect(line).not.toMatch(/[\0-\x08\n-\x1f\x7f]/);
          expect(line).toMatch(at === 0 ? /^A/ : /^\t\S/);
          expect(Buffer.byteLength(line)).toBeLessThanOrEqual(998);
          if (!utf8) expect(line).toMatch(/^[\t -~]*$/);
        }
      }),
    );
  });
});
