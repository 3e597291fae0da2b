import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCramMd5, provesSecret } from './cram-md5.ts';

// RFC 2195 2
const challenge = '<1896.697170952@postoffice.reston.mci.net>';
const digest = 'b913a602c7eda7a495b4e6e7334d3890';

describe('the answer of CRAM-MD5', () => {
  it('is read, and proves the secret', () => {
    const message = parseCramMd5(Buffer.from(`tim ${digest}`))!;
    expect(message).toEqual({ user: 'tim', digest: Buffer.from(digest, 'hex') });
    expect(provesSecret(challenge, 'tanstaaftanstaaf', message)).toBe(true);
    expect(provesSecret(challenge, 'tanstaaf', message)).toBe(false);
    expect(provesSecret(`${challenge} `, 'tanstaaftanstaaf', message)).toBe(false);
  });

  it.each([
    '',
    digest,
    ` ${digest}`,
    `tim  ${digest}0`,
    `tim ${digest.toUpperCase()}`,
    `tim ${digest} `,
    'tim',
    'tim x',
  ])('is none: %j', (message) => {
    expect(parseCramMd5(Buffer.from(message))).toBeUndefined();
  });

  it('gives back every name, spaces and all', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab é'.split('')), minLength: 1 }), (user) => {
        expect(parseCramMd5(Buffer.from(`${user} ${digest}`))?.user).toBe(user);
      }),
    );
  });
});
