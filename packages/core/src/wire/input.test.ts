import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { InputBuffer } from './input.ts';

type Mode = 'refuse' | 'convert';

/** What a reader is told: lines and faults as text, in order. */
function readAll(input: InputBuffer, limit: number): string[] {
  const told: string[] = [];
  for (let line = input.readLine(limit); line !== undefined; line = input.readLine(limit)) {
    told.push(typeof line === 'string' ? `!${line}` : line.toString('latin1'));
  }
  return told;
}

function feed(chunks: readonly Buffer[], mode: Mode, limit: number): string[] {
  const input = new InputBuffer(mode);
  return chunks.flatMap((chunk) => {
    input.push(chunk);
    return readAll(input, limit);
  });
}

/** Cuts octets at the given places, in order. */
function cut(octets: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (octets.length + 1)), octets.length].toSorted((a, b) => a - b);
  return ends.map((end, n) => Buffer.from(octets.subarray(n === 0 ? 0 : ends[n - 1], end)));
}

/** The plain reading of the rules, one octet at a time over all of the input. */
function expected(octets: Buffer, mode: Mode, limit: number): string[] {
  const told: string[] = [];
  let line = '';
  for (const char of octets.toString('latin1')) {
    if (char !== '\n') line += char;
    else {
      const whole = line.endsWith('\r');
      const content = whole ? line.slice(0, -1) : line;
      if (!whole && mode === 'refuse') told.push('!bare-lf');
      else told.push(content.length + 2 > limit ? '!too-long' : content);
      line = '';
    }
  }
  return told;
}

const octets = fc
  .array(fc.constantFrom('\r', '\n', '\r\n', 'a', 'bc', '\0', '\xff', '.'), { maxLength: 60 })
  .map((pieces) => Buffer.from(pieces.join(''), 'latin1'));
const mode = fc.constantFrom<Mode>('refuse', 'convert');

describe('InputBuffer', () => {
  it('gives lines without their CRLF', () => {
    expect(feed([Buffer.from('EHLO a\r\n\r\nQUIT\r\n')], 'refuse', 512)).toEqual(['EHLO a', '', 'QUIT']);
  });

  it('gives a line of one chunk as a view of it', () => {
    const input = new InputBuffer('refuse');
    const chunk = Buffer.from('NOOP\r\nNOOP\r\n');
    input.push(chunk);
    const line = input.readLine(512) as Buffer;
    expect(line.buffer).toBe(chunk.buffer);
    expect(line.byteOffset).toBe(chunk.byteOffset);
  });

  it('joins a line over several chunks, CR and LF apart', () => {
    expect(feed([Buffer.from('NO'), Buffer.from('OP\r'), Buffer.from('\n')], 'refuse', 512)).toEqual(['NOOP']);
  });

  it('leaves a bare CR in the line', () => {
    expect(feed([Buffer.from('NO\rOP\r\r\n')], 'refuse', 512)).toEqual(['NO\rOP\r']);
  });

  it('reports a bare LF at once, before more has come', () => {
    expect(feed([Buffer.from('NOOP\n')], 'refuse', 512)).toEqual(['!bare-lf']);
    expect(feed([Buffer.from('x'.repeat(600)), Buffer.from('\n')], 'refuse', 512)).toEqual(['!bare-lf']);
  });

  it('ends a line at a bare LF when it converts', () => {
    expect(feed([Buffer.from('NOOP\nQUIT\r\n')], 'convert', 512)).toEqual(['NOOP', 'QUIT']);
  });

  it('counts the CRLF into the limit', () => {
    expect(feed([Buffer.from(`${'x'.repeat(10)}\r\n`)], 'refuse', 12)).toEqual(['x'.repeat(10)]);
    expect(feed([Buffer.from(`${'x'.repeat(11)}\r\n`)], 'refuse', 12)).toEqual(['!too-long']);
  });

  it('reports an over-long line once, when it ends, and gives none of its tail', () => {
    const input = new InputBuffer('refuse');
    for (let n = 0; n < 50; n += 1) {
      input.push(Buffer.from('RCPT TO:<a@b> '));
      expect(input.readLine(100)).toBeUndefined();
      expect(input.pending).toBeLessThan(100);
    }
    expect(input.peek()).toBeUndefined();
    input.push(Buffer.from('QUIT\r\nNOOP\r\n'));
    expect(readAll(input, 100)).toEqual(['!too-long', 'NOOP']);
  });

  it('remembers how an over-long line began, however it came', () => {
    for (const size of [1, 3, 40, 200]) {
      const input = new InputBuffer('refuse');
      const line = Buffer.from(`BDAT 6${' '.repeat(100)}LAST\r\n`);
      let told: unknown;
      for (let at = 0; at < line.length; at += size) {
        input.push(line.subarray(at, at + size));
        told ??= input.readLine(80);
      }
      expect(told).toBe('too-long');
      expect(input.tooLong?.toString()).toBe(`BDAT 6${' '.repeat(26)}`);
    }
  });

  it('allows a longer line when it is asked for one', () => {
    const input = new InputBuffer('refuse');
    input.push(Buffer.from('x'.repeat(8)));
    expect(input.readLine(10)).toBeUndefined();
    input.push(Buffer.from('y'.repeat(8)));
    expect(input.readLine(30)).toBeUndefined();
    input.push(Buffer.from('\r\n'));
    expect(readAll(input, 30)).toEqual(['xxxxxxxxyyyyyyyy']);
  });

  it('allows a longer line whose end is at hand once it is asked for one', () => {
    const input = new InputBuffer('refuse');
    input.push(Buffer.from('x'.repeat(8)));
    expect(input.readLine(10)).toBeUndefined();
    input.push(Buffer.from(`${'y'.repeat(8)}\r\n`));
    expect(readAll(input, 30)).toEqual(['xxxxxxxxyyyyyyyy']);
  });

  it('peeks at the next line without reading it', () => {
    const input = new InputBuffer('refuse');
    expect(input.peek()).toBeUndefined();
    input.push(Buffer.from([0x16, 0x03]));
    expect(input.peek()).toBe(0x16);
    expect(input.readLine(512)).toBeUndefined();
    expect(input.peek()).toBe(0x16);
    expect(input.pending).toBe(2);
  });

  it('gives octets behind a line as they are, at most as many as asked for', () => {
    const input = new InputBuffer('refuse');
    input.push(Buffer.from('BDAT 5\r\nab'));
    input.push(Buffer.from('cdeQUIT\r\n'));
    expect(readAll(input, 512).slice(0, 1)).toEqual(['BDAT 5']);
    const again = new InputBuffer('refuse');
    again.push(Buffer.from('BDAT 5\r\nab'));
    again.push(Buffer.from('cdeQUIT\r\n'));
    expect(String(again.readLine(512))).toBe('BDAT 5');
    expect(String(again.take(5))).toBe('ab');
    expect(String(again.take(3))).toBe('cde');
    expect(String(again.readLine(512))).toBe('QUIT');
    expect(again.take(1)).toBeUndefined();
  });

  it('takes the start of an incomplete line, and puts octets back in front of it', () => {
    const input = new InputBuffer('refuse');
    input.push(Buffer.from('abc'));
    expect(input.readLine(512)).toBeUndefined();
    input.push(Buffer.from('def\r\n'));
    expect(String(input.take(2))).toBe('ab');
    input.unread(Buffer.from('AB'));
    expect(input.pending).toBe(8);
    expect(readAll(input, 512)).toEqual(['ABcdef']);
  });

  it('forgets everything when cleared', () => {
    const input = new InputBuffer('refuse');
    input.push(Buffer.from('x'.repeat(600)));
    expect(input.readLine(512)).toBeUndefined();
    input.push(Buffer.from('RSET'));
    input.push(Buffer.from('RSET'));
    input.clear();
    expect(input.pending).toBe(0);
    input.push(Buffer.from('NOOP\r\n'));
    expect(readAll(input, 512)).toEqual(['NOOP']);
  });

  it('tells the same however the octets are cut', () => {
    const places = fc.array(fc.nat());
    const limits = fc.integer({ min: 2, max: 20 });
    fc.assert(
      fc.property(octets, places, mode, limits, (all, places, mode, limit) => {
        expect(feed(cut(all, places), mode, limit)).toEqual(expected(all, mode, limit));
        const single = [...all].map((octet) => Buffer.of(octet));
        expect(feed(single, mode, limit)).toEqual(expected(all, mode, limit));
      }),
    );
  });

  it('loses no octet between take, unread and readLine', () => {
    const steps = fc.array(fc.nat({ max: 9 }));
    fc.assert(
      fc.property(octets, fc.array(fc.nat()), steps, mode, (all, places, steps, mode) => {
        const input = new InputBuffer(mode);
        for (const chunk of cut(all, places)) input.push(chunk);
        let seen = '';
        const take = (maximum: number): void => {
          seen += input.take(maximum)?.toString('latin1') ?? '';
        };
        for (const step of steps) {
          if (step > 4) take(step);
          else if (step > 1 && seen.length >= step) {
            input.unread(Buffer.from(seen.slice(-step), 'latin1'));
            seen = seen.slice(0, -step);
          } else if (!all.includes(0x0a)) input.readLine(1000);
          expect(input.peek()).toBe(seen.length === all.length ? undefined : all[seen.length]);
          expect(input.pending).toBe(all.length - seen.length);
        }
        while (input.pending > 0) take(7);
        expect(seen).toBe(all.toString('latin1'));
      }),
    );
  });

  it('reads a line of one-octet chunks, and many queued chunks, in linear time', () => {
    const trickled = new InputBuffer('refuse');
    const count = 200_000;
    const x = Buffer.from('x');
    for (let n = 0; n < count; n += 1) {
      trickled.push(x);
      trickled.readLine(count + 2);
    }
    trickled.push(Buffer.from('\r\n'));
    expect((trickled.readLine(count + 2) as Buffer).length).toBe(count);
    const queued = new InputBuffer('refuse');
    for (let n = 0; n < count; n += 1) queued.push(x);
    expect(queued.pending).toBe(count);
    for (let n = 0; n < count; n += 1) queued.take(1);
    expect(queued.pending).toBe(0);
  });
});
