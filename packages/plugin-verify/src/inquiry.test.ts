import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parseInquiry } from './inquiry.ts';

describe('parseInquiry', () => {
  it.each([
    ['jones', 'jones', undefined],
    ['  john.smith ', 'john.smith', undefined],
    ['"John Smith"', 'John Smith', undefined],
    ['"a\\"b\\\\c"', 'a"b\\c', undefined],
    ['"a@b"', 'a@b', undefined],
    ['smtputf8', 'smtputf8', undefined],
    ['Postmaster', 'Postmaster', undefined],
    ['<Postmaster>', 'Postmaster', undefined],
    ['a@Example.ORG', 'a@Example.ORG', 'example.org'],
    ['<a@example.org>', 'a@example.org', 'example.org'],
    ['"john smith"@example.org', '"john smith"@example.org', 'example.org'],
    ['<"john smith"@example.org>', '"john smith"@example.org', 'example.org'],
    ['<@relay.example:a@example.org>', 'a@example.org', 'example.org'],
    ['a@[192.0.2.1]', 'a@[192.0.2.1]', '[192.0.2.1]'],
  ])('reads %j', (args, name, domain) => {
    const inquiry = parseInquiry(args, false);
    expect(inquiry).toMatchObject({ name, utf8: false });
    if (inquiry !== 'syntax') expect(inquiry.path?.domain).toBe(domain);
  });

  it.each([
    ['jörg SMTPUTF8', 'jörg', true],
    ['jones smtpUtf8', 'jones', true],
    ['"Jörg Müller"  SMTPUTF8 ', 'Jörg Müller', true],
    ['用户@例子.example SMTPUTF8', '用户@例子.example', true],
    ['jörg', 'jörg', false],
    ['SMTPUTF8', 'SMTPUTF8', false],
    ['SMTPUTF8 SMTPUTF8', 'SMTPUTF8', true],
  ])('reads %j where SMTPUTF8 was offered', (args, name, utf8) => {
    expect(parseInquiry(args, true)).toMatchObject({ name, utf8 });
  });

  it.each([
    '',
    ' ',
    '<>',
    '<a>',
    '<a@b',
    'a@b>',
    '<a@b>x',
    '<a@b> x',
    'a@',
    '@b',
    'a@b@c',
    'a@-b-',
    'John Smith',
    'John Smith <a@b>',
    '"John Smith" <a@b>',
    '""',
    '"John Smith',
    'John"Smith"',
    '"John"Smith',
    '"a" "b"',
    'a b c',
    'a,b',
    'a(b)',
    '.a',
    'a..b',
    'a\u00ad\u2028',
    'x'.repeat(65),
    `${'x'.repeat(65)}@b.example`,
    `a@${'x'.repeat(64)}.example`,
    'jones SMTPUTF8',
    'jones SMTPUTF8=1',
  ])('reads nothing in %j', (args) => {
    expect(parseInquiry(args, false)).toBe('syntax');
  });

  it.each(['jones SMTPUTF8=1', 'jones SMTPUTF8 SMTPUTF8', 'jones smtputf88', 'jones ſmtputf8', 'a b SMTPUTF8'])(
    'reads no parameter in %j',
    (args) => {
      expect(parseInquiry(args, true)).toBe('syntax');
    },
  );

  it('never throws, and takes linear time', () => {
    const text = fc.oneof(
      fc.array(fc.nat(0xffff), { maxLength: 3000 }).map((units) => String.fromCharCode(...units)),
      fc
        .array(fc.constantFrom('"', '\\', '@', '<', '>', ' ', 'a', 'SMTPUTF8'), { maxLength: 3000 })
        .map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, fc.boolean(), (args, offered) => {
        const inquiry = parseInquiry(args, offered);
        if (inquiry === 'syntax') return;
        expect(inquiry.name).not.toBe('');
        if (!offered) expect(inquiry.utf8).toBe(false);
      }),
    );
    expect(parseInquiry('"a" '.repeat(20_000), true)).toBe('syntax');
    expect(parseInquiry(`${'@'.repeat(50_000)}"`, true)).toBe('syntax');
    expect(parseInquiry(`a${' '.repeat(50_000)}b c`, true)).toBe('syntax');
  });
});
