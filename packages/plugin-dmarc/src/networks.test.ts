import { describe, expect, it } from 'vitest';
import { listedIn } from './networks.ts';

describe('listedIn', () => {
  it.each([
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['2001:db8::/32', '2001:db8:1::1', true],
    ['::1', '127.0.0.1', false],
    ['0.0.0.0/0', '', false],
  ])('%s, %j: %s', (entry, address, listed) => {
    expect(listedIn([entry])(address)).toBe(listed);
  });

  it('looks in all entries, and lists nobody where there is none', () => {
    expect(['192.0.2.1', '2001:db8::9', '192.0.2.9'].map(listedIn(['192.0.2.1', '2001:db8::/32']))).toEqual([
      true,
      true,
      false,
    ]);
    expect(listedIn([])('127.0.0.1')).toBe(false);
  });

  it.each(['', '10.0.0.0/33', '10.0.0/8', '::/129', '::1%lo', 'localhost', '/8'])('refuses %j', (entry) => {
    expect(() => listedIn(['192.0.2.1', entry])).toThrow(
      new RangeError(`${entry} is no network: neither an address nor an address/prefix`),
    );
  });
});
