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
    ['192.0.2.0/24', '192.0.2.255', true],
    ['192.0.2.0/24', '192.0.3.1', false],
    ['192.0.2.0/24', '::ffff:192.0.2.7', true],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['2001:db8::/32', '2001:db8::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['::1', '::1', true],
    ['0.0.0.0/0', '192.0.2.1', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['192.0.2.0/24', '', false],
    ['192.0.2.0/24', 'unix', false],
  ])('may be who is in %s: %j %j', (network, address, told) => {
    expect(toldTo({ networks: ['198.51.100.1', network] })?.(session(address))).toBe(told);
  });

  it.each([
    '',
    'localhost',
    '192.0.2.0/33',
    '2001:db8::/129',
    '192.0.2/24',
    '192.0.2.0/',
    '192.0.2.0/-1',
    'fe80::1%eth0',
  ])('takes no network %j', (network) => {
    expect(() => toldTo({ networks: [network] })).toThrow(RangeError);
  });
});
