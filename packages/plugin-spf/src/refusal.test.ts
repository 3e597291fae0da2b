import type { Spf, SpfCheck, SpfWord } from '@maitred/authentication-results';
import { describe, expect, it } from 'vitest';
import { refusal } from './refusal.ts';

const check = (identity: SpfCheck['identity'], result: SpfWord, explanation?: string): SpfCheck => ({
  identity,
  result,
  domain: 'example.com',
  ...(explanation === undefined ? {} : { explanation }),
});
const spf = (result: SpfWord, helo?: SpfWord): Spf => ({
  ...check('mailfrom', result),
  ...(helo ? { helo: check('helo', helo) } : {}),
  resinfo: [],
});

describe('a refusal', () => {
  it.each([
    ['fail', undefined, 'accept', '5.7.23', 'SPF check of MAIL FROM failed: its domain does not permit this client'],
    ['pass', 'fail', 'accept', '5.7.23', 'SPF check of HELO failed: its domain does not permit this client'],
    ['temperror', 'fail', 'accept', '5.7.23', 'SPF check of HELO failed: its domain does not permit this client'],
    ['fail', 'fail', 'accept', '5.7.23', 'SPF check of MAIL FROM failed: its domain does not permit this client'],
    ['temperror', 'pass', 'accept', '4.7.24', 'SPF check of MAIL FROM could not be completed: try again later'],
    ['permerror', undefined, 'refuse', '5.7.24', "SPF check of MAIL FROM failed: its domain's record is in error"],
  ] as const)('of %s, HELO %s, permerror %s is %s', (result, helo, permerror, enhanced, text) => {
    const code = enhanced.startsWith('4') ? 451 : 550;
    expect(refusal(spf(result, helo), permerror)).toMatchObject({ code, enhanced, lines: [text] });
  });

  it.each([
    ['pass', undefined, 'refuse'],
    ['softfail', 'softfail', 'refuse'],
    ['neutral', 'none', 'refuse'],
    ['none', 'temperror', 'refuse'],
    ['pass', 'permerror', 'refuse'],
    ['permerror', undefined, 'accept'],
  ] as const)('is not made of %s, HELO %s, permerror %s', (result, helo, permerror) => {
    expect(refusal(spf(result, helo), permerror)).toBeUndefined();
  });

  it("quotes the domain's explanation, and says whose it is", () => {
    const result: Spf = { ...check('mailfrom', 'fail', 'See http://example.com/'), resinfo: [] };
    expect(refusal(result, 'accept')?.lines).toEqual([
      'SPF check of MAIL FROM failed: its domain does not permit this client',
      'The domain example.com explains: "See http://example.com/"',
    ]);
  });
});
