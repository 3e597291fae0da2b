import { BlockList } from 'node:net';
import { describe, expect, it } from 'vitest';
import { listedIn } from './networks.ts';

describe('a list of networks', () => {
  const listed = listedIn(['192.0.2.0/24', '198.51.100.7', '2001:db8::/32']);

  it.each(['192.0.2.1', '192.0.2.255', '198.51.100.7', '2001:db8::1', '::ffff:192.0.2.1'])('has %s', (address) => {
    expect(listed(address)).toBe(true);
  });

  it.each(['192.0.3.1', '198.51.100.8', '2001:db9::1', '', 'localhost'])('has not %j', (address) => {
    expect(listed(address)).toBe(false);
  });

  it("may be Node's own", () => {
    const list = new BlockList();
    list.addAddress('192.0.2.1');
    expect(listedIn(list)('192.0.2.1')).toBe(true);
  });

  it.each(['192.0.2.0/33', '2001:db8::/129', 'example.org', '', '192.0.2.1/', 'fe80::1%eth0'])(
    'throws a RangeError that names %j',
    (entry) => {
      expect(() => listedIn([entry])).toThrow(
        new RangeError(`${entry} is no network: neither an address nor an address/prefix`),
      );
    },
  );
});
