import { Identity, type Session } from '@maitred/core';
import { describe, expect, it } from 'vitest';
import { toldTo } from './exposure.ts';

const session = (address: string, id?: string): Session =>
  ({
    remote: { address, port: 1 },
    get: (key: unknown) => (key === Identity && id !== undefined ? { id, by: 'test' } : undefined),
  }) as unknown as Session;

describe('toldTo', () => {
  it('is nobody when nothing is said', () => {
    expect(toldTo()).toBeUndefined();
    expect(toldTo({})).toBeUndefined();
    expect(toldTo({ authenticated: false, networks: [] })).toBeUndefined();
  });

  it('may be who has proved an identity', () => {
    const told = toldTo({ authenticated: true });
    expect(told?.(session('192.0.2.1', 'ann'))).toBe(true);
    expect(told?.(session('192.0.2.1'))).toBe(false);
  });

  it.each([
    ['192.0.2.255', true],
    ['198.51.100.1', true],
    ['192.0.3.1', false],
    ['', false],
  ])('may be whose address is in one of the networks: %j %j', (address, told) => {
    expect(toldTo({ networks: ['198.51.100.1', '192.0.2.0/24'] })?.(session(address))).toBe(told);
  });

  it('may be either', () => {
    const told = toldTo({ authenticated: true, networks: ['192.0.2.0/24'] });
    const sessions = [session('192.0.2.1'), session('192.0.3.1', 'ann'), session('192.0.3.1')];
    expect(sessions.map((each) => told?.(each))).toEqual([true, true, false]);
  });

  it('takes nothing that is no network, and says what', () => {
    expect(() => toldTo({ networks: ['192.0.2.0/33'] })).toThrow(
      new RangeError('192.0.2.0/33 is no network: neither an address nor an address/prefix'),
    );
  });
});
