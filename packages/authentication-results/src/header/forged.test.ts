import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forgedBy } from './forged.ts';

const forged = forgedBy(['mx.example', 'büro.example', 'x(y)']);
const results = (value: string): boolean => forged('Authentication-Results', value);

describe('forgedBy', () => {
  it.each([
    'mx.example; dkim=pass header.d=bank.example',
    'MX.Example;spf=pass',
    'mx.example',
    'mx.example 1; none',
    'mx.example/1; none',
    '  mx.example\t; none',
    'mx.example.; none',
    '"mx.example"; none',
    String.raw`"mx\.example"; none`,
    '(a (nested) comment) mx.example (another); none',
    '(mx\\) ; (x)) mx.example; none',
    'other.example mx.example; none',
    '(unclosed? no) mx.example(;) ; none',
    'xn--bro-hoa.example; none',
    'BÜRO.example; none',
    '"x(y)"; none',
    // What readers who don't know the grammar make of it.
    '"mx.example; dmarc=pass',
    '(mx.example; dmarc=pass',
    'other.example ( ; x) (mx.example; dmarc=pass',
    ';; mx.example; dmarc=pass',
    '=?utf-8?q?mx.example=3B_dmarc=3Dpass?=',
    'other.example =?utf-8?b?bXguZXhhbXBsZQ==?=; none',
    'mx.ex\0ample; none',
    'mx\u200b.example; none',
    'ｍｘ.example; none',
    'mx.example\x7f; none',
    'mx.example:; none',
    'mx.example, other.example; none',
  ])('knows an authserv-id of ours in %j', (value) => {
    expect(results(value)).toBe(true);
  });

  it.each([
    'other.example; dkim=pass',
    'other.example; x=y reason="mx.example"',
    'mx.example.org; none',
    'not-mx.example; none',
    'sub.mx.example; none',
    'other.example (not mx.example); none',
    'other.example; dkim=pass header.i="=?utf-8?q?mx.example?="',
    'other.example; x=y (an open comment',
    '',
    ';;;',
    '((((((',
    '"',
  ])("leaves another's in %j", (value) => {
    expect(results(value)).toBe(false);
  });

  it.each([
    'Received-SPF',
    'received-spf',
    'Return-Path',
    'RETURN-PATH',
    'BIMI-Location',
    'BIMI-Indicator',
    'bimi-other',
  ])('knows that only the receiver writes %s', (name) => {
    expect(forged(name, 'whatever')).toBe(true);
  });

  it.each(['BIMI-Selector', 'From', 'Received', 'ARC-Authentication-Results', 'X-Authentication-Results', 'BIMI'])(
    'leaves %s',
    (name) => {
      expect(forged(name, 'i=1; mx.example; dkim=pass')).toBe(false);
    },
  );

  it('finds ours however much white space, and however many comments, are around it', () => {
    const cfws = fc
      .array(fc.constantFrom(' ', '\t', '(c)', '(a;b)', '(a(b)c)', '(\\()', '(")'), { maxLength: 5 })
      .map((all) => all.join(''));
    fc.assert(
      fc.property(cfws, cfws, fc.constantFrom('mx.example', '"mx.example"', 'Mx.eXample.'), (before, after, id) => {
        expect(results(`${before}${id}${after}; dkim=pass`)).toBe(true);
      }),
    );
  });

  it.each([
    ['of more words than anybody has', 'é '.repeat(30_000)],
    ['of as many in a comment that does not end', `(${'é '.repeat(30_000)}`],
    ['with a name longer than any', `mx${'\u200b'.repeat(60_000)}.example; none`],
  ])('removes a field %s, unread', (_, value) => {
    expect(results(value)).toBe(true);
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, value) => {
        expect(typeof forged(name, value)).toBe('boolean');
        expect(typeof results(value)).toBe('boolean');
      }),
    );
  });
});
