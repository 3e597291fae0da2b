import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGs2Header, parseSaslName } from './gs2.ts';

describe('the header of a SASL message that GSS-API could have made', () => {
  it.each([
    ['n,,rest', { text: 'n,,', flag: 'n', actAs: undefined, rest: 'rest' }],
    ['y,,', { text: 'y,,', flag: 'y', actAs: undefined, rest: '' }],
    ['n,a=ann,x,y', { text: 'n,a=ann,', flag: 'n', actAs: 'ann', rest: 'x,y' }],
    ['n,a=a=2Cb=3Dc,x', { text: 'n,a=a=2Cb=3Dc,', flag: 'n', actAs: 'a,b=c', rest: 'x' }],
    ['p=tls-exporter,,x', { text: 'p=tls-exporter,,', flag: { type: 'tls-exporter' }, actAs: undefined, rest: 'x' }],
  ])('is read: %s', (message, header) => {
    expect(parseGs2Header(message)).toEqual(header);
  });

  it.each([
    '',
    'n',
    'n,',
    'x,,',
    'N,,',
    ',,',
    'p=,,',
    'p=a b,,',
    'F,n,,',
    'n,b=ann,x',
    'n,a=,x',
    'n,a=a=2cb,x',
    'n,a=a=b,x',
  ])('is none: %j', (message) => {
    expect(parseGs2Header(message)).toBeUndefined();
  });

  it('gives back every name', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab=,23CD é'.split('')), minLength: 1 }), (name) => {
        const written = name.replaceAll('=', '=3D').replaceAll(',', '=2C');
        expect(parseSaslName(written)).toBe(name);
        expect(parseGs2Header(`n,a=${written},${name}`)).toMatchObject({ actAs: name, rest: name });
      }),
    );
  });
});
