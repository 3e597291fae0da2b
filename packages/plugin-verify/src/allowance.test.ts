import { describe, expect, it } from 'vitest';
import { Allowance } from './allowance.ts';

describe('Allowance', () => {
  it('allows so many inquiries in so much time, to each client', () => {
    const allowance = new Allowance({ inquiries: 2, seconds: 10 });
    const taken = [0, 1, 2, 9999, 10_000, 10_001, 10_002].map((now) => allowance.take('a', now));
    expect(taken).toEqual([true, true, false, false, true, true, false]);
    expect(allowance.take('b', 10_003)).toBe(true);
  });

  it('allows 20 a minute when nothing else is said', () => {
    const allowance = new Allowance();
    const taken = Array.from({ length: 25 }, () => allowance.take('a', 0));
    expect(taken.filter(Boolean)).toHaveLength(20);
    expect(allowance.take('a', 59_999)).toBe(false);
    expect(allowance.take('a', 60_000)).toBe(true);
  });

  it('remembers no more clients than it may, and none for longer than it has to', () => {
    const allowance = new Allowance({ inquiries: 1, seconds: 10, clients: 3 });
    for (let client = 0; client < 100; client++) expect(allowance.take(String(client), client)).toBe(true);
    expect(allowance.size).toBe(3);
    expect(allowance.take('99', 100)).toBe(false);
    expect(allowance.take('x', 20_000)).toBe(true);
    expect(allowance.size).toBe(1);
  });

  it.each([{ inquiries: 0 }, { seconds: -1 }, { clients: 0 }, { seconds: Number.NaN }])('takes no %j', (options) => {
    expect(() => new Allowance(options)).toThrow(/has to be more than 0/);
  });
});
