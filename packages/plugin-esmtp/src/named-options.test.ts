import { describe, expect, it } from 'vitest';
import { esmtp } from './esmtp.ts';
import { limits } from './limits.ts';
import { pipelining } from './pipelining.ts';
import { size } from './size.ts';

const given = (value: unknown): object => value as object;

describe('a bare value', () => {
  it.each([
    [
      'esmtp({ size: 5000000 })',
      () => esmtp({ size: given(5_000_000) }),
      'size takes { maximum: 5000000 }, not 5000000',
    ],
    ['size(5000000)', () => size(given(5_000_000)), 'size takes { maximum: 5000000 }, not 5000000'],
    ['size(null)', () => size(given(null)), 'size takes { maximum: null }, not null'],
    ['limits(10)', () => limits(given(10)), 'limits takes { recipientDomains: 10 }, not 10'],
    ["pipelining('close')", () => pipelining(given('close')), 'pipelining takes { outOfTurn: close }, not close'],
  ])('is refused, and told how to be given: %s', (_, make, message) => {
    expect(make).toThrow(new TypeError(message));
  });
});

describe('an option that there is not', () => {
  it.each([
    ['limit', () => esmtp({ limit: {} } as object), 'esmtp has no option limit, it has size, pipelining, limits'],
    [
      'max',
      () => size({ available: () => 1, max: 1 } as object),
      'size has no option max, it has maximum, hardCap, available',
    ],
    ['domains', () => limits({ domains: 5 } as object), 'limits has no option domains, it has recipientDomains'],
    [
      'outofturn',
      () => pipelining({ outofturn: 'close' } as object),
      'pipelining has no option outofturn, it has outOfTurn',
    ],
  ])('is refused: %s', (_, make, message) => {
    expect(make).toThrow(new TypeError(message));
  });

  it('is not one that is undefined', () => {
    const unset = { size: undefined, limits: undefined } as object;
    expect(esmtp(unset)).toHaveLength(6);
  });
});
