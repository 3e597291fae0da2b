import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64 } from './base64.ts';

describe('base64', () => {
  it('gives back every octet', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (octets) => {
        expect(decodeBase64(Buffer.from(octets).toString('base64'))).toEqual(Buffer.from(octets));
      }),
    );
  });

  it('has one text for one meaning', () => {
    const texts = fc.string({ unit: fc.constantFrom(...'AQgwz09+/=-_ *\r\n\0é'.split('')), maxLength: 12 });
    fc.assert(
      fc.property(texts, (text) => {
        const well = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/.test(text);
        expect(decodeBase64(text)?.toString('base64')).toBe(well ? text : undefined);
      }),
      { numRuns: 1000 },
    );
  });
});
