import { fc } from '@fast-check/vitest';
import { checked, inet, noChecksum, tlv, unix, version1, version2 } from './headers.ts';

const port = fc.nat({ max: 65_535 });
const ports = fc.tuple(port, port);
const octets = (count: number): fc.Arbitrary<number[]> =>
  fc.array(fc.nat({ max: 255 }), { minLength: count, maxLength: count });
const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom('a', 'Z', '0', '.', '-', 'ü'), maxLength });
const ascii = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '.', '-', ' '), maxLength: 20 });
const any = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });

/** Version 1 lines that are right. */
const line = fc.oneof(
  fc.tuple(fc.ipV4(), fc.ipV4(), ports).map(([from, to, [a, b]]) => version1(`TCP4 ${from} ${to} ${a} ${b}`)),
  fc.tuple(fc.ipV6(), fc.ipV6(), ports).map(([from, to, [a, b]]) => version1(`TCP6 ${from} ${to} ${a} ${b}`)),
  ascii.map((rest) => version1(`UNKNOWN${rest === '' ? '' : ` ${rest}`}`)),
);

const subFields = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0x21, max: 0x30 }), ascii), { selector: ([type]) => type, maxLength: 5 })
  .map((fields) => Buffer.concat(fields.map(([type, value]) => tlv(type, value))));
const ssl = fc.tuple(octets(5), subFields).map(([fixed, fields]) => Buffer.concat([Buffer.from(fixed), fields]));

const tlvs = fc
  .uniqueArray(
    fc.oneof(
      fc.tuple(fc.constant(0x01), any(10)),
      fc.tuple(
        fc.constant(0x02),
        text(20).map((name) => Buffer.from(name)),
      ),
      fc.tuple(fc.constant(0x03), fc.constant(Buffer.alloc(4))),
      fc.tuple(fc.constant(0x05), any(128)),
      fc.tuple(fc.constant(0x20), ssl),
      fc.tuple(
        fc.constant(0x30),
        ascii.map((name) => Buffer.from(name)),
      ),
      fc.tuple(fc.integer({ min: 0x31, max: 0xff }), any(40)),
    ),
    { selector: ([type]) => type, maxLength: 6 },
  )
  .map((all) => Buffer.concat(all.map(([type, value]) => tlv(type, value))));

const addresses = fc.oneof(
  fc.tuple(octets(4), octets(4), ports).map((all) => ({ family: 1, addresses: inet(...all) })),
  fc.tuple(octets(16), octets(16), ports).map((all) => ({ family: 2, addresses: inet(...all) })),
  fc.tuple(text(50), text(50)).map((paths) => ({ family: 3, addresses: unix(...paths) })),
);

/** Version 2 headers that are right. */
const binary = fc.oneof(
  fc
    .record({ ends: addresses, transport: fc.constantFrom(1, 2), tlvs })
    .map(({ ends, transport, tlvs }) => version2({ ...ends, transport, tlvs }))
    .map((header) => (header.includes(noChecksum) ? checked(header) : header)),
  any(300).map((ignored) => version2({ command: 0, family: 15, transport: 15, addresses: Buffer.from(ignored) })),
  any(300).map((ignored) => version2({ family: 0, transport: 0, addresses: Buffer.from(ignored) })),
);

/** Headers of both versions that are right. */
export const header: fc.Arbitrary<Buffer> = fc.oneof(line, binary);

/** Whatever a sender may begin with: right headers, those with some octets changed, cut or doubled, and anything else. */
export const beginning: fc.Arbitrary<Buffer> = fc.oneof(
  header,
  fc.tuple(header, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 })).map(([right, changes]) => {
    const wrong = Buffer.from(right);
    for (const [at, octet] of changes) wrong[at % wrong.length] = octet;
    return wrong;
  }),
  fc.tuple(header, fc.nat(), fc.nat()).map(([right, from, to]) => {
    const [start, end] = [from % right.length, to % right.length].toSorted((a, b) => a - b);
    return Buffer.concat([right.subarray(0, start), right.subarray(end)]);
  }),
  any(300).map((octets) => Buffer.from(octets)),
  any(200).map((octets) => Buffer.concat([Buffer.from('PROXY '), octets])),
  any(200).map((octets) => version2({ addresses: Buffer.from(octets) })),
);
