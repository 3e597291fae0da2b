import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authorsOf } from './author.ts';

describe('the authors in From', () => {
  it.each([
    'ceo@bank.example',
    'CEO@BANK.EXAMPLE',
    'ceo@bank.example.',
    '<ceo@bank.example>',
    'Ceo <ceo@bank.example>',
    '"Ceo" <ceo@bank.example>',
    '"a@evil.example" <ceo@bank.example>',
    'a@evil.example <ceo@bank.example>',
    '=?utf-8?q?a=40evil.example?= <ceo@bank.example>',
    'Ceo <ceo@bank.example> (a@evil.example, really)',
    '(a@evil.example) ceo@bank.example',
    'ceo@bank(x).example',
    'ceo (x) @ (y) bank . example (z)',
    '"a\r\n b"@bank.example',
    String.raw`"a\"@evil.example"@bank.example`,
    '"a@evil.example"@bank.example',
    '<@evil.example,@b.example:ceo@bank.example>',
    'Board: ceo@bank.example, cfo@bank.example;',
    'ceo@bank.example, , cfo@bank.example,',
    'ceo@bank.example;',
    'MAILER-DAEMON, ceo@bank.example',
    'Ceo [mailto:] <ceo@bank.example>',
    'ceo@b\u200bank.example',
    'ceo@ｂａｎｋ.example',
    `${'a'.repeat(3000)}@bank.example`,
  ])('%j: bank.example', (value) => {
    expect(authorsOf(value)).toEqual({ headerFrom: ['author@bank.example'], unreadable: false });
  });

  it('has its U-labels as A-labels, whatever else may be in a name', () => {
    expect(authorsOf('ceo@BÜRO.example').headerFrom).toEqual(['author@xn--bro-hoa.example']);
    expect(authorsOf('ceo@a_b.example').headerFrom).toEqual(['author@a_b.example']);
    expect(authorsOf('ceo@[192.0.2.1]').headerFrom).toEqual(['author@[192.0.2.1]']);
    expect(authorsOf('ceo@[IPv6:2001:DB8::1], b@bank.example').headerFrom).toEqual([
      'author@[ipv6:2001:db8::1]',
      'author@bank.example',
    ]);
  });

  it.each(['', ' \r\n\t', '<>', 'MAILER-DAEMON', 'MAILER-DAEMON <>', 'Undisclosed:;', '(nobody)', '"nobody"', ',,;'])(
    'are nobody in %j',
    (value) => {
      expect(authorsOf(value)).toEqual({ headerFrom: [], unreadable: false });
    },
  );

  it.each([
    '"ceo@bank.example"',
    '"ceo@bank.example" <>',
    '(ceo@bank.example)',
    '=?utf-8?q?ceo=40bank.example?=',
    '=?utf-8?b?Y2VvQGJhbmsuZXhhbXBsZQ==?= <>',
    'ceo＠bank.example',
    'ceo@bank.example>',
    '<ceo@bank.example',
    '<<ceo@bank.example>>',
    '<a@evil.example> <ceo@bank.example>',
    '<a@evil.example> ceo@bank.example',
    '<a@evil.example> "ceo@bank.example"',
    '<ceo@bank.example:a@evil.example>',
    'ceo@bank.example a@evil.example',
    'ceo@bank.example@evil.example',
    'ceo@bank\0.example',
    'ceo@bank.example\0@evil.example',
    'ceo@bank..example',
    'ceo@',
    'ceo@.',
    'ceo@bank.example: a@evil.example;',
    '<ceo@bank.example, a@evil.example',
    '"a, ceo@bank.example',
    '(a, ceo@bank.example',
    'ceo@[bank.example',
    'a@evil.example, "ceo@bank.example"',
    'ceo@bank.example\r\nno field of its own',
    'ceo@\ufffd.example',
  ])('can not be told from %j', (value) => {
    expect(authorsOf(value).unreadable).toBe(true);
  });

  it('are read from anything', () => {
    const piece = fc.constantFrom(...Array.from('@<>()[]",;:.\\ \r\n\0'), 'a', 'bank.example', '=?', 'é', '\ud800');
    const value = fc.array(piece, { maxLength: 40 }).map((all) => all.join(''));
    fc.assert(
      fc.property(value, (text) => {
        const { headerFrom, unreadable } = authorsOf(text);
        expect(typeof unreadable).toBe('boolean');
        // Whoever sees an at sign sees an address: nobody is an author without one.
        if (text.includes('@')) expect(headerFrom.length > 0 || unreadable).toBe(true);
        for (const address of headerFrom) expect(address).toMatch(/^author@(?:[a-z0-9_.-]+|\[[!-~]+\])$/);
      }),
    );
  });
});
