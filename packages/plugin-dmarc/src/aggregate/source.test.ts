import { describe, expect, it } from 'vitest';
import { sourceAddress } from './source.ts';

describe('sourceAddress', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:C000:201', '192.0.2.1'],
    ['::ffff:1:2', '0.1.0.2'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::1:0:0:1', '2001:db8::1:0:0:1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::', '::'],
    ['', undefined],
    ['localhost', undefined],
    ['192.0.2.1]/x', undefined],
    ['%eth0', undefined],
  ])('takes %j as %j', (address, source) => {
    expect(sourceAddress(address)).toBe(source);
  });
});
