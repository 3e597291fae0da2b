import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { Rewrite } from './rewrite.ts';

describe('Rewrite', () => {
  it('leaves octets out within the source', () => {
    const source = Buffer.from('abcdef');
    const rewrite = new Rewrite(source);
    rewrite.leaveOut(2);
    const made = rewrite.finish(6);
    expect(String(made)).toBe('abdef');
    expect(made.buffer).toBe(source.buffer);
  });

  it('gives the source itself when nothing was left out or put in', () => {
    const source = Buffer.from('abc');
    expect(new Rewrite(source).finish(3)).toBe(source);
  });

  it('leaves out what is behind the end', () => {
    expect(String(new Rewrite(Buffer.from('abc')).finish(1))).toBe('a');
  });

  it('leaves the source as it is when octets are only put in', () => {
    const source = Buffer.from('abc');
    const rewrite = new Rewrite(source);
    rewrite.putIn(0x78, 1);
    expect(String(rewrite.finish(3))).toBe('axbc');
    expect(String(source)).toBe('abc');
  });

  it('does as told, up to two octets in front and one put in for each', () => {
    const steps = fc.array(fc.constantFrom('keep', 'leave', 'put'), { maxLength: 50 });
    fc.assert(
      fc.property(steps, fc.nat(2), (steps, front) => {
        const rewrite = new Rewrite(Buffer.from('a'.repeat(steps.length)));
        for (let n = 0; n < front; n += 1) rewrite.putIn(0x62, 0);
        let expected = 'b'.repeat(front);
        steps.forEach((step, n) => {
          if (step === 'leave') return rewrite.leaveOut(n);
          expected += 'a';
          if (step === 'put') {
            rewrite.putIn(0x62, n + 1);
            expected += 'b';
          }
        });
        expect(String(rewrite.finish(steps.length))).toBe(expected);
      }),
    );
  });
});
