import { readFile } from 'node:fs/promises';
import { fc } from '@fast-check/vitest';
import wabt from 'wabt';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ASSEMBLED, Breaks } from './breaks.ts';

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;

/** Every index that has to be looked at, if each is passed once it was. */
function all(octets: Buffer, As = Breaks): number[] {
  const breaks = new As(octets);
  const found: number[] = [];
  for (let at = breaks.next(0); at < octets.length; at = breaks.next(at + 1)) found.push(at);
  return found;
}

/** The same, octet by octet. */
function expected(octets: Buffer): number[] {
  const found: number[] = [];
  for (let at = 0; at < octets.length; at += 1) {
    if (octets[at] === LF) found.push(at);
    if (octets[at] !== CR) continue;
    const wholeLine = octets[at + 1] === LF && at + 2 < octets.length && octets[at + 2] !== DOT;
    if (wholeLine) at += 1;
    else found.push(at);
  }
  return found;
}

describe('Breaks', () => {
  it('finds CR and LF, but for whole lines', () => {
    expect(all(Buffer.from('ab\r\nc\n\r'))).toEqual([5, 6]);
    expect(all(Buffer.from('a\r\n.b\r\nc\r\n'))).toEqual([1, 2, 8, 9]);
  });

  it('gives the length when there is none', () => {
    expect(new Breaks(Buffer.from('ab')).next(0)).toBe(2);
    expect(new Breaks(Buffer.alloc(0)).next(0)).toBe(0);
    expect(new Breaks(Buffer.from('\r')).next(1)).toBe(1);
  });

  it('tells every octet from its neighbours', () => {
    for (let octet = 0; octet < 256; octet += 1) {
      const octets = Buffer.alloc(257, octet);
      octets[165] = CR;
      expect(all(octets)).toEqual(expected(octets));
    }
  });

  it.each([16, 256, 130_000, 131_072, 300_000])('passes over %i octets, whatever stands behind them', (length) => {
    for (const end of ['', '\r', '\n', '\r\n', '\r\n.', '\r\n.\r\n', '\r\nx', 'x\n', '\rx']) {
      const octets = Buffer.concat([Buffer.alloc(length, 'text\r\n'), Buffer.from('x'), Buffer.from(end)]);
      expect(all(octets)).toEqual(expected(octets));
    }
  });

  it('finds the same however the octets are mixed, and whoever looks in between', () => {
    const octet = fc.oneof(fc.constantFrom(CR, LF, DOT), fc.constantFrom(...Buffer.from('\r\n\r\n.x')), fc.nat(255));
    const line = fc.oneof(
      fc.constant([CR, LF]),
      fc.array(fc.nat(255), { maxLength: 60 }),
      fc.array(octet, { maxLength: 5 }),
    );
    const run = fc.array(line, { maxLength: 40 }).map((lines) => Buffer.from(lines.flat()));
    fc.assert(
      fc.property(run, run, fc.nat(17), (one, other, skew) => {
        const octets = Buffer.concat([Buffer.alloc(skew), one]).subarray(skew);
        const breaks = new Breaks(octets);
        const interrupted: number[] = [];
        for (let at = breaks.next(0); at < octets.length; at = breaks.next(at + 1)) {
          interrupted.push(at);
          expect(all(other)).toEqual(expected(other));
        }
        expect(interrupted).toEqual(expected(octets));
      }),
    );
  });

  it('finds the same where the platform lacks the instructions', async () => {
    vi.stubGlobal('WebAssembly', undefined).resetModules();
    onTestFinished(() => void vi.unstubAllGlobals());
    const { Breaks: Plain } = await import('./breaks.ts');
    expect(Plain).not.toBe(Breaks);
    const octets = Buffer.alloc(1000, 'text\r\ntext\n\r\n.');
    expect(all(octets, Plain)).toEqual(expected(octets));
  });

  it('runs what breaks.wat says', async () => {
    const source = await readFile(new URL('breaks.wat', import.meta.url), 'utf8');
    const assembler = await wabt();
    const { buffer } = assembler.parseWat('breaks.wat', source).toBinary({});
    expect(ASSEMBLED).toBe(Buffer.from(buffer).toString('base64'));
  });
});
