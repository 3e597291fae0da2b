import { fc } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';

// RFC 3720 B.4, and the check value of the Castagnoli CRC.
it.each([
  ['32 octets of zeros', Buffer.alloc(32), 0x8a9136aa],
  ['32 octets of ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['32 octets upwards', Buffer.from(Array.from({ length: 32 }, (_, at) => at)), 0x46dd794e],
  ['32 octets downwards', Buffer.from(Array.from({ length: 32 }, (_, at) => 31 - at)), 0x113fdb5c],
  ['nine digits', Buffer.from('123456789'), 0xe3069283],
  ['nothing', Buffer.alloc(0), 0],
])('sums up %s', (_, octets, sum) => {
  expect(crc32c(octets)).toBe(sum);
});

it('does not mind how they are cut', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (one, other) => {
      expect(crc32c(one, other)).toBe(crc32c(Buffer.concat([one, other])));
    }),
  );
});
