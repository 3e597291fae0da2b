import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseClientFinal, parseClientFirst, serverFirst } from './scram-messages.ts';

const first = (message: string): ReturnType<typeof parseClientFirst> => parseClientFirst(Buffer.from(message));
const final = (message: string): ReturnType<typeof parseClientFinal> => parseClientFinal(Buffer.from(message));

describe('SCRAM’s client-first-message', () => {
  it('is read, as received where it is signed', () => {
    expect(first('n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL')).toEqual({
      header: expect.objectContaining({ text: 'n,,', flag: 'n' }) as unknown,
      bare: 'n=user,r=fyko+d2lbbFgONRv9qkxdawL',
      user: 'user',
      nonce: 'fyko+d2lbbFgONRv9qkxdawL',
    });
    expect(first('p=tls-exporter,a=sales,n=a=2Cb=3Dc,r=%x=1,x=later,Y=more')).toMatchObject({
      bare: 'n=a=2Cb=3Dc,r=%x=1,x=later,Y=more',
      user: 'a,b=c',
      nonce: '%x=1',
    });
  });

  it.each([
    '',
    'n,,',
    'n,,n=user',
    'n,,n=user,',
    'n,,n=user,r=',
    'n,,n=user,r=a b',
    'n,,n=user,r=é',
    'n,,n=,r=abc',
    'n,,n=us=er,r=abc',
    'n,,r=abc,n=user',
    'n,,m=must,n=user,r=abc',
    'n,,n=user,r=abc,',
    'n,,n=user,r=abc,x',
    'n,,n=user,r=abc,x=',
    'n,,n=us\0er,r=abc',
    'n,n=user,r=abc',
  ])('is none: %j', (message) => {
    expect(first(message)).toBeUndefined();
  });
});

describe('SCRAM’s client-final-message', () => {
  it('is read, as received where it is signed', () => {
    expect(final('c=biws,r=abcdef,x=y,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=')).toEqual({
      binding: Buffer.from('n,,'),
      nonce: 'abcdef',
      proof: Buffer.from('v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=', 'base64'),
      withoutProof: 'c=biws,r=abcdef,x=y',
    });
  });

  it.each([
    '',
    'c=biws',
    'c=biws,r=abc',
    'c=biws,p=AAAA',
    'r=abc,c=biws,p=AAAA',
    'c=biw,r=abc,p=AAAA',
    'c=biws,r=,p=AAAA',
    'c=biws,r=abc,p=AAA',
    'c=biws,r=abc,p=AAAA,x=y',
    'c=biws,r=abc,x,p=AAAA',
    'C=biws,r=abc,p=AAAA',
  ])('is none: %j', (message) => {
    expect(final(message)).toBeUndefined();
  });
});

describe('messages of SCRAM', () => {
  it('are read as they were written', () => {
    const name = fc.string({ unit: fc.constantFrom(...'ab=,é '.split('')), minLength: 1 });
    const nonce = fc.stringMatching(/^[!-+\--~]{1,40}$/);
    const octets = fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each));
    fc.assert(
      fc.property(name, nonce, octets, octets, (user, nonce, binding, proof) => {
        const saslname = user.replaceAll('=', '=3D').replaceAll(',', '=2C');
        expect(first(`n,,n=${saslname},r=${nonce}`)).toMatchObject({ user, nonce });
        const written = `c=${binding.toString('base64')},r=${nonce},p=${proof.toString('base64')}`;
        expect(final(written)).toMatchObject({ binding, nonce, proof });
      }),
    );
  });

  it('of any octets at all are read or not, and never more than that', () => {
    const piece = fc.oneof(fc.constantFrom('n,', 'n=', 'r=', 'c=', 'p=', 'biws', 'abc', ',', '='), fc.string());
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const message = Buffer.from(pieces.join(''));
        const { header, bare } = parseClientFirst(message) ?? {};
        if (header) expect(`${header.text}${bare}`).toBe(message.toString());
        const { withoutProof, proof } = parseClientFinal(message) ?? {};
        if (proof) expect(`${withoutProof},p=${proof.toString('base64')}`).toBe(message.toString());
      }),
      { numRuns: 500 },
    );
  });

  it('has a first one of the server’s', () => {
    expect(serverFirst('abc', Buffer.from('QSXCR+Q6sek8bf92', 'base64'), 4096)).toBe('r=abc,s=QSXCR+Q6sek8bf92,i=4096');
  });
});
