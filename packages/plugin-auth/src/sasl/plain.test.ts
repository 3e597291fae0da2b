import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePlain } from './plain.ts';

describe('the message of PLAIN', () => {
  it.each([
    ['\0tim\0tanstaaftanstaaf', { actAs: undefined, user: 'tim', password: 'tanstaaftanstaaf' }],
    ['Ursel\0Kurt\0xipj3plmq', { actAs: 'Ursel', user: 'Kurt', password: 'xipj3plmq' }],
    ['\0 a \0 b ', { actAs: undefined, user: ' a ', password: ' b ' }],
  ])('is read: %j', (message, parsed) => {
    expect(parsePlain(Buffer.from(message))).toEqual(parsed);
  });

  it.each(['', '\0', '\0\0', '\0ann\0', '\0\0secret', 'ann\0secret', '\0ann\0secret\0', '\0ann\0sec\0ret', 'ann'])(
    'is none: %j',
    (message) => {
      expect(parsePlain(Buffer.from(message))).toBeUndefined();
    },
  );

  it('is none where its octets are no UTF-8', () => {
    expect(parsePlain(Buffer.from('\0ann\0sécret', 'latin1'))).toBeUndefined();
    expect(parsePlain(Buffer.of(0, 0x61, 0, 0xc0, 0x80))).toBeUndefined();
  });

  it('is nothing else than its three parts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ max: 130, maxLength: 30 }), (octets) => {
        const message = Buffer.from(octets);
        const parsed = parsePlain(message);
        if (!parsed) return;
        const { actAs = '', user, password } = parsed;
        expect(Buffer.from(`${actAs}\0${user}\0${password}`)).toEqual(message);
      }),
      { numRuns: 500 },
    );
  });
});
