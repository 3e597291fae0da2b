import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { beginning, header } from '../test/arbitrary.ts';
import { client, local, version1, version2 } from '../test/headers.ts';
import { describeFault } from './faults.ts';
import { parseHeader, type Reading } from './header.ts';

const behind = Buffer.from('EHLO client.example\r\n');

/** What comes of octets that arrive in pieces: the last reading, and how many octets it took to know. */
function pieceByPiece(octets: Buffer, cuts: readonly number[]): { reading: Reading; seen: number } {
  const ends = [...cuts.map((cut) => cut % (octets.length + 1)), octets.length].toSorted((a, b) => a - b);
  for (const seen of ends) {
    const reading = parseHeader(octets.subarray(0, seen));
    if (reading === 'absent' || !('missing' in reading)) return { reading, seen };
  }
  return { reading: parseHeader(octets), seen: octets.length };
}

describe('parseHeader', () => {
  it('reads version 1, and what is behind it is not its own', () => {
    expect(parseHeader(Buffer.concat([version1(), behind]))).toMatchObject({
      header: { version: 1, command: 'PROXY', family: 'INET', transport: 'STREAM', source: client, destination: local },
      length: version1().length,
    });
  });

  it('reads version 2, and what is behind it is not its own', () => {
    expect(parseHeader(Buffer.concat([version2(), behind]))).toMatchObject({
      header: { version: 2, command: 'PROXY', family: 'INET', transport: 'STREAM', source: client, destination: local },
      length: 28,
    });
  });

  it.each(['EHLO client.example\r\n', 'PROX ', 'proxy TCP4', ' PROXY', '\r\n\r\n\0\r\nQUIT\r', '\0', '\x16\x03\x01'])(
    'sees no header in %j',
    (octets) => {
      expect(parseHeader(Buffer.from(octets))).toBe('absent');
    },
  );

  it('asks for more while there may be a header', () => {
    const whole = [version1(), version2()];
    for (const octets of whole.flatMap((one) => one.toJSON().data.map((_, cut) => one.subarray(0, cut)))) {
      expect(parseHeader(octets)).toMatchObject({ missing: expect.any(Number) as number });
    }
  });

  it('reads every header that is right', () => {
    fc.assert(
      fc.property(header, (octets) => {
        expect(parseHeader(octets)).toMatchObject({ length: octets.length, header: {} });
      }),
    );
  });

  it('says the same of the same octets, however they are cut', () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 20 }), fc.array(fc.nat()), (octets, more, cuts) => {
        const all = Buffer.concat([octets, more]);
        expect(pieceByPiece(all, cuts).reading).toEqual(parseHeader(all));
      }),
    );
  });

  it('never takes back what it said of fewer octets', () => {
    fc.assert(
      fc.property(beginning, fc.array(fc.nat()), (octets, cuts) => {
        const early = pieceByPiece(octets, cuts);
        const whole = parseHeader(octets);
        if (early.seen === octets.length || early.reading === 'absent' || 'header' in early.reading)
          expect(early.reading).toEqual(whole);
        else expect(whole).toHaveProperty('fault');
      }),
      { numRuns: 2000 },
    );
  });

  it('never asks for more octets than belong to the header', () => {
    fc.assert(
      fc.property(header, (octets) => {
        for (let seen = 0; seen < octets.length;) {
          const reading = parseHeader(octets.subarray(0, seen));
          expect(reading).toHaveProperty('missing');
          const { missing } = reading as { missing: number };
          expect(missing).toBeGreaterThan(0);
          seen += missing;
          expect(seen).toBeLessThanOrEqual(octets.length);
        }
      }),
    );
  });

  it('never throws, and names what is wrong in a text of its own', () => {
    fc.assert(
      fc.property(beginning, (octets) => {
        const reading = parseHeader(octets);
        if (reading !== 'absent' && 'fault' in reading) expect(describeFault(reading.fault)).toMatch(/^[\w ,:.]+$/);
        else expect(['absent', 'object']).toContain(reading === 'absent' ? reading : typeof reading);
      }),
      { numRuns: 5000 },
    );
  });

  it('keeps no view of what it was given', () => {
    fc.assert(
      fc.property(header, (octets) => {
        const given = Buffer.from(octets);
        const reading = parseHeader(given);
        given.fill(0);
        expect(reading).toEqual(parseHeader(octets));
      }),
    );
  });
});
