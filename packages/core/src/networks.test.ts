import { BlockList } from 'node:net';
import { describe, expect, it } from 'vitest';
import { listedIn } from './networks.ts';

describe('listedIn', () => {
  it.each([
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['10.0.0.0/8', '::ffff:a01:203', true],
    ['10.0.0.0/8', '::ffff:11.1.2.3', false],
    ['10.0.0.0/8', '::10.1.2.3', false],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['192.0.2.1', '::ffff:192.0.2.1', true],
    ['192.0.2.1/32', '192.0.2.1', true],
    ['2001:db8::/32', '2001:db8:1::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:db8::1', '2001:DB8:0::1', true],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['::1', '127.0.0.1', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['0.0.0.0/0', '', false],
    ['::/0', '', false],
    ['127.0.0.0/8', 'localhost', false],
  ])('%s, %j: %s', (entry, address, listed) => {
    expect(listedIn([entry])(address)).toBe(listed);
  });

  it('looks in all entries', () => {
    const listed = listedIn(['192.0.2.1', '2001:db8::/32']);
    expect(['192.0.2.1', '2001:db8::9', '192.0.2.9'].map(listed)).toEqual([true, true, false]);
  });

  it("takes Node's own list", () => {
    const list = new BlockList();
    list.addRange('192.0.2.10', '192.0.2.20');
    const listed = listedIn(list);
    expect(['192.0.2.15', '::ffff:192.0.2.15', '192.0.2.21', ''].map(listed)).toEqual([true, true, false, false]);
  });

  it.each([
    '',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0/8',
    '10.0.0.0/8/8',
    '::/129',
    '::1%lo',
    'localhost',
    '*',
    '/8',
  ])('refuses %j', (entry) => {
    expect(() => listedIn(['192.0.2.1', entry])).toThrow(
      new RangeError(`${entry} is no network: neither an address nor an address/prefix`),
    );
  });

  it('has nobody where the list is empty', () => {
    expect(listedIn([])('127.0.0.1')).toBe(false);
  });
});
