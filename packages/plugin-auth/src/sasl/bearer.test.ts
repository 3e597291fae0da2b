import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOAuthBearer, parseXOAuth2 } from './bearer.ts';

const token = 'vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==';
const octets = (message: string): Buffer => Buffer.from(message.replaceAll('^A', '\x01'));

describe('the message of OAUTHBEARER', () => {
  // RFC 7628 4.1
  it.each([
    [
      `n,a=user@example.com,^Ahost=server.example.com^Aport=143^Aauth=Bearer ${token}^A^A`,
      { user: 'user@example.com', token, host: 'server.example.com', port: 143 },
    ],
    [`n,,^Aauth=Bearer ${token}^A^A`, { user: undefined, token, host: undefined, port: undefined }],
    [
      `y,,^Aauth=bearer  a.b-c_d~e+f/g^A^A`,
      { user: undefined, token: 'a.b-c_d~e+f/g', host: undefined, port: undefined },
    ],
  ])('is read: %s', (message, parsed) => {
    expect(parseOAuthBearer(octets(message))).toEqual(parsed);
  });

  it.each([
    '',
    '^A',
    'n,,',
    'n,,^A',
    'n,,^A^A',
    `n,,auth=Bearer ${token}^A^A`,
    `n,,^Aauth=Bearer ${token}^A`,
    `n,,^Aauth=Bearer ${token}`,
    `n,,^Aauth=Bearer ${token}^A^A^A`,
    `n,,^Aauth=Bearer ${token}^Aauth=Bearer ${token}^A^A`,
    `n,,^Aauth=Bearer^A^A`,
    `n,,^Aauth=Bearer ^A^A`,
    `n,,^Aauth=Basic ${token}^A^A`,
    `n,,^Aauth=Bearer a b^A^A`,
    `n,,^Aport=x^Aauth=Bearer ${token}^A^A`,
    `n,,^Aport=143143^Aauth=Bearer ${token}^A^A`,
    `n,,^A1=2^Aauth=Bearer ${token}^A^A`,
    `p=tls-exporter,,^Aauth=Bearer ${token}^A^A`,
    `n,a=é,^Ahost=é^Aauth=Bearer ${token}^A^A`,
  ])('is none: %j', (message) => {
    expect(parseOAuthBearer(octets(message))).toBeUndefined();
  });
});

describe('the message of XOAUTH2', () => {
  it('is read', () => {
    const parsed = { user: 'someuser@example.com', token, host: undefined, port: undefined };
    expect(parseXOAuth2(octets(`user=someuser@example.com^Aauth=Bearer ${token}^A^A`))).toEqual(parsed);
  });

  it.each([
    '',
    'user=ann^A^A',
    `auth=Bearer ${token}^A^A`,
    `user=^Aauth=Bearer ${token}^A^A`,
    `user=ann^Aauth=Bearer ${token}^A`,
  ])('is none: %j', (message) => {
    expect(parseXOAuth2(octets(message))).toBeUndefined();
  });
});

describe('a message with a bearer token', () => {
  it('cut off or changed anywhere is read as what it then says, or not at all', () => {
    const whole = octets(`n,a=ann,^Ahost=mx^Aport=25^Aauth=Bearer ${token}^A^A`);
    fc.assert(
      fc.property(fc.nat(whole.length), fc.uint8Array({ maxLength: 3 }), (at, more) => {
        const changed = Buffer.concat([whole.subarray(0, at), Buffer.from(more)]);
        const parsed = parseOAuthBearer(changed);
        if (parsed) expect(changed.toString()).toContain(`auth=Bearer ${parsed.token}\x01\x01`);
        expect(parseXOAuth2(changed)).toBeUndefined();
      }),
    );
  });
});
