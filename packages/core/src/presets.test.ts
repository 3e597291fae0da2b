import { describe, expect, it } from 'vitest';
import { basics, before, Clock, inject, without } from './index.ts';
import type { Plugin } from './index.ts';

const names = (list: readonly Plugin[]): string[] => list.map(({ name }) => name);

describe('lists of plugins', () => {
  it('hold the basics', () => {
    expect(names(basics())).toEqual(['hello', 'mail', 'data', 'session', 'privacy', 'received']);
  });

  it('lose one by its name', () => {
    expect(names(without(basics(), 'privacy'))).toEqual(['hello', 'mail', 'data', 'session', 'received']);
  });

  it('gain some before one', () => {
    expect(names(before([{ name: 'a' }, { name: 'b' }], 'b', { name: 'x' }, { name: 'y' }))).toEqual([
      'a',
      'x',
      'y',
      'b',
    ]);
  });

  it('know a class by what it declares', () => {
    class Greylist {
      static plugin = { name: 'greylist', requires: [Clock] };
      readonly clock: Clock;
      constructor(clock: Clock) {
        this.clock = clock;
      }
    }
    inject(Clock)(Greylist, undefined, 0);
    expect(without([{ name: 'a' }, Greylist], 'greylist')).toEqual([{ name: 'a' }]);
  });

  it.each([() => without(basics(), 'spam'), () => before(basics(), 'spam', { name: 'a' })])(
    'say so when there is none of that name',
    (act) => {
      expect(act).toThrow(
        expect.objectContaining({
          code: 'MAITRED_UNKNOWN_PLUGIN',
          message: 'the list holds no plugin spam: check the name with describe()',
        }),
      );
    },
  );
});
