import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { faultsOf } from '../../test/valid.ts';
import { passed, published } from '../../test/evaluated.ts';
import { feedbackXml } from './feedback.ts';
import { escapeXml, writeXml } from './xml.ts';

describe('escapeXml', () => {
  it.each([
    ['<a href="x">&\'</a>', '&lt;a href=&quot;x&quot;&gt;&amp;&apos;&lt;/a&gt;'],
    [']]>', ']]&gt;'],
    ['one\r\ntwo\tthree', 'one  two three'],
    ['nul\0 bell\x07 del\x7f nel\x85', 'nul\ufffd bell\ufffd del\ufffd nel\ufffd'],
    ['\ud800 \udc00 \u{1f4e8} \uffff', '\ufffd \ufffd \u{1f4e8} \ufffd'],
  ])('writes %j as %j', (text, written) => {
    expect(escapeXml(text)).toBe(written);
  });

  it('leaves no markup of any text', () => {
    const text = fc.array(fc.nat(0xffff), { maxLength: 30 }).map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(text, (any) => {
        expect(escapeXml(any)).not.toMatch(/[<>"'\0-\x1f]|&(?!(?:amp|lt|gt|quot|apos);)/);
        expect(Buffer.from(escapeXml(any)).toString()).toBe(escapeXml(any));
      }),
    );
  });

  it('makes any text a report can be read with', async () => {
    const hostile =
      String.fromCharCode(...Array.from({ length: 0x300 }, (_, unit) => unit)) + '\ud800]]></comment><!--';
    const message = { ...passed, headerFrom: hostile, reasons: [{ type: 'other' as const, comment: hostile }] };
    const reporter = { orgName: hostile, email: hostile, receiver: 'mx.example', extraContactInfo: hostile };
    const report = { published, begin: 1, end: 2, rows: [{ message, count: 1 }], uncounted: 0 };
    expect(await faultsOf(feedbackXml(report, reporter, 'id'))).toEqual([]);
  });
});

describe('writeXml', () => {
  it('writes an element a line, children deeper', () => {
    expect(
      writeXml([
        [
          'a',
          [
            ['b', 1],
            ['c', []],
          ],
        ],
        ['d', '&'],
      ]),
    ).toBe('<a>\n  <b>1</b>\n  <c>\n  </c>\n</a>\n<d>&amp;</d>\n');
  });
});
