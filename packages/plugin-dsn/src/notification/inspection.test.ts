import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { headerSection, inspect, Octets } from './inspection.ts';

const small = (): Buffer[] => [Buffer.from('A: 1\r\n'), Buffer.from('\r\nbody')];

describe('content', () => {
  it.each([
    ['', false, false],
    ['a\r\n', false, false],
    ['a', false, false],
    ['é\r\n', true, false],
    ['a\0\r\n', false, true],
    ['a\n', false, true],
    ['a\r', false, true],
    ['a\rb\r\n', false, true],
    ['a\r\r\n', false, true],
    ['a\r\n\n', false, true],
    [`${'a'.repeat(998)}\r\n`, false, false],
    [`${'a'.repeat(999)}\r\n`, false, true],
    ['a'.repeat(999), false, true],
    [`${'é'.repeat(499)}\r\n`, true, false],
  ])('%j: eight bits %s, binary %s', (text, eightBit, binary) => {
    expect(new Octets().see(Buffer.from(text))).toMatchObject({ eightBit, binary });
  });

  it('is the same however it is cut', () => {
    const piece = fc.constantFrom('a', '\r', '\n', '\r\n', '\0', 'é', 'a'.repeat(499));
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const whole = new Octets().see(Buffer.from(pieces.join('')));
        const cut = new Octets();
        for (const one of pieces) for (const octet of Buffer.from(one)) cut.see(Buffer.of(octet));
        expect([cut.eightBit, cut.binary]).toEqual([whole.eightBit, whole.binary]);
      }),
    );
  });

  it('is read no further than is asked for', async () => {
    let read = 0;
    const content = function* (): Generator<Buffer> {
      for (; read < 1000; read += 1) yield Buffer.from('A: 1\r\n');
    };
    const { header, whole } = await inspect(content, { header: 60, maximum: 0 });
    expect(header.toString()).toBe('A: 1\r\n'.repeat(10));
    expect(whole).toBe(false);
    expect(read).toBe(9);
  });

  it('is whole up to its last octet', async () => {
    expect(await inspect(small, { header: 100, maximum: 12 })).toMatchObject({ whole: true });
    expect(await inspect(small, { header: 100, maximum: 11 })).toMatchObject({ whole: false });
  });
});

describe('a header section', () => {
  it.each([
    ['', ''],
    ['A: 1\r\n\r\nbody', 'A: 1\r\n'],
    ['A: 1\r\n b\r\n\tc\r\nB:\r\n\r\nC: d\r\n', 'A: 1\r\n b\r\n\tc\r\nB:\r\n'],
    ['\r\nA: 1\r\n', ''],
    ['A: 1\r\nno field\r\nB: 2\r\n', 'A: 1\r\n'],
    [' A: 1\r\n', ''],
    ['A : 1\r\n\r\n', 'A : 1\r\n'],
    [`${'A'.repeat(2000)}: 1\r\n\r\n`, ''],
  ])('of %j', (text, header) => {
    expect(headerSection(Buffer.from(text), true).toString()).toBe(header);
    expect(headerSection(Buffer.from(text), false).toString()).toBe(header);
  });

  it('ends behind a line where the rest is not known', () => {
    expect(headerSection(Buffer.from('A: 1\r\nB: 2'), true).toString()).toBe('A: 1\r\nB: 2');
    expect(headerSection(Buffer.from('A: 1\r\nB: 2'), false).toString()).toBe('A: 1\r\n');
  });
});
