import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { checked, noChecksum, tlv, version2 } from '../test/headers.ts';
import type { HeaderFault } from './faults.ts';
import { parseHeader } from './header.ts';
import { noTlvs, type ProxiedTlvs } from './tlvs.ts';

/** What is read of a header with these TLVs. */
function read(...tlvs: readonly Buffer[]): ProxiedTlvs | HeaderFault {
  const reading = parseHeader(version2({ tlvs: Buffer.concat(tlvs) }));
  if (reading === 'absent' || 'missing' in reading) throw new Error('the header is whole');
  return 'fault' in reading ? reading.fault : reading.header.tlvs;
}

describe('TLVs', () => {
  it('reads each type', () => {
    expect(
      read(
        tlv(0x01, 'smtp'),
        tlv(0x02, 'müx.example'),
        tlv(0x05, Buffer.alloc(128, 7)),
        tlv(0x20, Buffer.alloc(5)),
        tlv(0x30, 'blue'),
      ),
    ).toEqual({
      ...noTlvs,
      alpn: Buffer.from('smtp'),
      authority: 'müx.example',
      uniqueId: Buffer.alloc(128, 7),
      ssl: expect.objectContaining({ secured: false }) as object,
      netns: 'blue',
    });
  });

  it('reads the ids of the clouds, which are also among the others', () => {
    const tlvs = [tlv(0xea, '\x01vpce-08d2bf15fac5001c9'), tlv(0xee, Buffer.of(1, 0x15, 0x20, 0, 0x80))];
    expect(read(...tlvs)).toEqual({
      ...noTlvs,
      awsVpcEndpoint: 'vpce-08d2bf15fac5001c9',
      azureLinkId: 0x80002015,
      others: [
        { type: 0xea, value: tlvs[0]!.subarray(3) },
        { type: 0xee, value: tlvs[1]!.subarray(3) },
      ],
    });
  });

  it.each([
    tlv(0xea, ''),
    tlv(0xea, '\x01'),
    tlv(0xea, '\x02vpce-1'),
    tlv(0xea, '\x01vpce 1\r\n'),
    tlv(0xee, Buffer.of(1, 0, 0, 0)),
    tlv(0xee, Buffer.of(2, 0, 0, 0, 0)),
    tlv(0xee, Buffer.of(1, 0, 0, 0, 0, 0)),
  ])('takes what has the type of a cloud, but not its form, for somebody else’s: %j', (one) => {
    expect(read(one)).toEqual({ ...noTlvs, others: [{ type: one[0], value: one.subarray(3) }] });
  });

  it('keeps what it does not know, in order, doubled or not, and drops padding', () => {
    expect(read(tlv(0xe0, 'b'), tlv(0x04, '\0\0\0'), tlv(0xe0, 'a'), tlv(0x04, ''), tlv(0x7f, ''))).toEqual({
      ...noTlvs,
      others: [
        { type: 0xe0, value: Buffer.from('b') },
        { type: 0xe0, value: Buffer.from('a') },
        { type: 0x7f, value: Buffer.alloc(0) },
      ],
    });
  });

  it.each<[HeaderFault, Buffer]>([
    ['authority', tlv(0x02, [0xff])],
    ['authority', tlv(0x02, [0xc0, 0x80])],
    ['authority', tlv(0x02, [0xed, 0xa0, 0x80])],
    ['authority', tlv(0x02, 'a\r\nb')],
    ['authority', tlv(0x02, 'a\0b')],
    ['authority', tlv(0x02, 'a\u2028b')],
    ['crc32c', tlv(0x03, '')],
    ['crc32c', tlv(0x03, [1, 2, 3])],
    ['crc32c', tlv(0x03, [1, 2, 3, 4, 5])],
    ['uniqueId', tlv(0x05, Buffer.alloc(129))],
    ['netns', tlv(0x30, 'blü')],
    ['netns', tlv(0x30, 'a\x1b[31m')],
  ])('refuses a wrong %s', (fault, one) => {
    expect(read(one)).toBe(fault);
    expect(read(tlv(0xe0, ''), one, tlv(0xe0, ''))).toBe(fault);
  });

  it.each([0x01, 0x02, 0x05, 0x30])('refuses type %i twice', (type) => {
    expect(read(tlv(type, 'a'), tlv(type, 'a'))).toBe('tlv-twice');
  });

  it('refuses one that is cut off, wherever it is', () => {
    const whole = tlv(0xe0, 'value');
    for (let cut = 1; cut < whole.length; cut += 1) {
      expect(read(tlv(0x01, 'smtp'), whole.subarray(0, cut))).toBe('tlv-length');
    }
    expect(read(tlv(0xe0, 'value', 65_535))).toBe('tlv-length');
  });
});

describe('CRC32C', () => {
  const summed = checked(version2({ tlvs: Buffer.concat([tlv(0x01, 'smtp'), noChecksum, tlv(0x05, 'id')]) }));

  it('holds, wherever it stands', () => {
    expect(parseHeader(summed)).toMatchObject({
      header: { tlvs: { crc32c: summed.readUInt32BE(summed.indexOf(Buffer.of(3, 0, 4)) + 3) } },
    });
    for (const tlvs of [[noChecksum], [noChecksum, tlv(0xe0, 'behind')], [tlv(0xe0, 'before'), noChecksum]]) {
      expect(parseHeader(checked(version2({ tlvs: Buffer.concat(tlvs) })))).toHaveProperty('header');
    }
  });

  it('does not sum up what is behind the header', () => {
    expect(parseHeader(Buffer.concat([summed, Buffer.from('EHLO a\r\n')]))).toHaveProperty('header');
  });

  it('refuses a header of which any bit was changed that leaves it a header with a checksum', () => {
    const [first, sum, last] = [16 + 12 + 3, 16 + 12 + 7 + 3, summed.length - 2];
    const places = fc.oneof(
      fc.integer({ min: 16, max: 27 }),
      fc.integer({ min: first, max: first + 3 }),
      fc.integer({ min: sum, max: sum + 3 }),
      fc.integer({ min: last, max: last + 1 }),
    );
    fc.assert(
      fc.property(places, fc.nat({ max: 7 }), (at, bit) => {
        const changed = Buffer.from(summed);
        changed[at]! ^= 1 << bit;
        expect(parseHeader(changed)).toEqual({ fault: 'checksum' });
      }),
    );
  });

  it('refuses two', () => {
    expect(read(noChecksum, noChecksum)).toBe('tlv-twice');
  });
});
