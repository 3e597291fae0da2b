import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { Rewrite } from './rewrite.ts';

describe('Rewrite', () => {
  it('leaves octets out within the source', () => {
    const source = Buffer.from('abcdef');
    const rewrite = new Rewrite(source);
    rewrite.keep(2);
    rewrite.leaveOut(3);
    rewrite.keep(6);
    const made = rewrite.finish();
    expect(String(made)).toBe('abdef');
    expect(made.buffer).toBe(source.buffer);
  });

  it('leaves out what is behind the last octet kept', () => {
    const rewrite = new Rewrite(Buffer.from('abc'));
    rewrite.keep(1);
    expect(String(rewrite.finish())).toBe('a');
  });

  it('does as told, up to two octets in front and one put in for each', () => {
    const steps = fc.array(fc.constantFrom('keep', 'leave', 'put'), { maxLength: 50 });
    fc.assert(
      fc.property(steps, fc.nat(2), (steps, front) => {
        const rewrite = new Rewrite(Buffer.from('a'.repeat(steps.length)));
        for (let n = 0; n < front; n += 1) rewrite.put(0x62);
        let expected = 'b'.repeat(front);
        steps.forEach((step, n) => {
          if (step === 'leave') return rewrite.leaveOut(n + 1);
          rewrite.keep(n + 1);
          expected += 'a';
          if (step === 'put') {
            rewrite.put(0x62);
            expected += 'b';
          }
        });
        expect(String(rewrite.finish())).toBe(expected);
      }),
    );
  });
});
