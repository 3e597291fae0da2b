import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { readPayload, type Payload } from './payload.ts';

const read = (value: string): Payload => readPayload(`ARC-Authentication-Results: ${value}`);
const words = (value: string): string[] => read(value).results.map(({ method, result }) => `${method}=${result}`);

describe('ARC-Authentication-Results', () => {
  it('is read', () => {
    const field =
      'i=2; lists.example.org 1;\r\n\tspf=pass smtp.mfrom=jqd@d1.example;\r\n  dkim=pass (1024-bit key) header.i=@d1.example\r\n' +
      '\theader.s="a;b\\"c";\r\n dmarc=fail reason="p=reject; \\(sic)" policy.dmarc=reject header . from = D1.Example';
    expect(read(field)).toEqual({
      authservId: 'lists.example.org',
      results: [
        { method: 'spf', result: 'pass', properties: [{ ptype: 'smtp', property: 'mfrom', value: 'jqd@d1.example' }] },
        {
          method: 'dkim',
          result: 'pass',
          properties: [
            { ptype: 'header', property: 'i', value: '@d1.example' },
            { ptype: 'header', property: 's', value: 'a;b"c' },
          ],
        },
        {
          method: 'dmarc',
          result: 'fail',
          reason: 'p=reject; (sic)',
          properties: [
            { ptype: 'policy', property: 'dmarc', value: 'reject' },
            { ptype: 'header', property: 'from', value: 'D1.Example' },
          ],
        },
      ],
    });
  });

  it("is read as the world's large sealers write it", () => {
    const google =
      'i=1; mx.google.com;\r\n       dkim=pass header.i=@example.com header.s=s1 header.b="a/Bc+d";\r\n' +
      '       spf=pass (google.com: domain of bob@example.com designates 192.0.2.1 as permitted sender) smtp.mailfrom=bob@example.com;\r\n' +
      '       dmarc=pass (p=NONE sp=QUARANTINE dis=NONE) header.from=example.com';
    expect(words(google)).toEqual(['dkim=pass', 'spf=pass', 'dmarc=pass']);
    const microsoft =
      'i=1; mx.microsoft.com 1; spf=pass smtp.mailfrom=example.com; dmarc=pass action=none header.from=example.com;' +
      ' dkim=pass header.d=example.com; arc=none';
    expect(words(microsoft)).toEqual(['spf=pass', 'dmarc=pass', 'dkim=pass', 'arc=none']);
    expect(read(microsoft).results[1]?.properties).toEqual([
      { ptype: 'header', property: 'from', value: 'example.com' },
    ]);
  });

  it.each([
    ['a comment', 'i=1; a.example; spf=fail (; dmarc=pass header.from=bank.example) smtp.helo=x'],
    ['a nested comment', 'i=1; a.example; spf=fail ((;) ; dmarc=pass (\\);dmarc=pass)) smtp.helo=x'],
    ['a quoted string', 'i=1; a.example; spf=fail smtp.mailfrom="; dmarc=pass header.from=bank.example"@b.example'],
    ['a quoted reason', 'i=1; a.example; spf=fail reason="\\"; dmarc=pass"'],
    ['a comment that does not end', 'i=1; a.example; spf=fail; none (; dmarc=pass'],
    ['a quoted string that does not end', 'i=1; a.example; spf=fail; x=y reason="; dmarc=pass'],
  ])('takes no result out of %s', (_, value) => {
    expect(words(value)).toEqual(['spf=fail']);
  });

  it.each([
    '',
    'none',
    'dmarc',
    'dmarc=',
    '=pass',
    'dmarc=pass header',
    'dmarc=pass =x',
    'dmarc=pa"s"s',
    'dmarc=pass.x',
  ])('leaves out what is no result: %j', (bad) => {
    expect(words(`i=1; a.example; ${bad}; spf=pass`)).toEqual(['spf=pass']);
  });

  it('may say nothing, or be cut off', () => {
    expect(read('i=1; a.example; none')).toEqual({ authservId: 'a.example', results: [] });
    expect(read('i=1; "a b" 1')).toEqual({ authservId: 'a b', results: [] });
    expect(read('i=1; a b')).toEqual({ authservId: '', results: [] });
    expect(read('i=1')).toEqual({ authservId: '', results: [] });
    expect(readPayload('')).toEqual({ authservId: '', results: [] });
  });

  it('takes anything', () => {
    const pieces = fc.constantFrom(
      ';',
      '"',
      '\\',
      '(',
      ')',
      '=',
      '.',
      ' ',
      '\r\n\t',
      'spf',
      'pass',
      'a',
      '\0',
      '/',
      '1',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (all) => {
        for (const { method, result, properties } of read(all.join('')).results) {
          expect(`${method}${result}`).toMatch(/^[\w-]+$/);
          for (const { value } of properties) expect(value).not.toMatch(/[\0-\x1f]/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([' ', '(', '"', '\\', ';', '=', 'a=b ', 'a.b=c ', '(a)', 'spf=pass;', '\r\n ', 'a / 1', '"a"'])(
    'reads 64 KiB of %j in linear time',
    (piece) => {
      expect(read(`i=1; a; spf=pass ${piece.repeat(65_536 / piece.length)}`).authservId).toBe('a');
    },
  );
});
