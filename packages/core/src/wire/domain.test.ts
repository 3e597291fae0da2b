import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { isAddressLiteral, isDomain, parseAddressLiteral, parseDomain } from './domain.ts';

const words = (text: string): string[] => text.split(/\s+/);

describe('isDomain', () => {
  it.each([
    'a',
    'example.com',
    'EXAMPLE.com',
    'a-b.c',
    '1.2.3.4',
    'xn--mnchen-3ya.de',
    '3com.com',
    `${'a'.repeat(63)}.b`,
  ])('holds %j to be one', (text) => {
    expect(isDomain(text)).toBe(true);
  });

  it.each(['', ...words(`. a. .a a..b -a.b a-.b a.-b a.b- a_b.c a,b a/b münchen.de [1.2.3.4] ${'a'.repeat(64)}.b`)])(
    'holds %j to be none',
    (text) => {
      expect(isDomain(text)).toBe(false);
    },
  );

  it('allows no other characters', () => {
    for (const char of ['\0', '\n', ' ', '\x7f', '\x80', '＿']) expect(isDomain(`a${char}b`)).toBe(false);
    expect(isDomain('a\n')).toBe(false);
  });

  it('allows 255 octets', () => {
    expect(isDomain(`${'a.'.repeat(127)}b`)).toBe(true);
    expect(isDomain(`${'a.'.repeat(127)}bb`)).toBe(false);
  });

  it('holds what is joined of labels to be one', () => {
    const label = fc.stringMatching(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,20}[A-Za-z0-9])?$/);
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 8 }), (labels) => {
        expect(isDomain(labels.join('.'))).toBe(true);
        expect(parseDomain(labels.join('.'))).toBe(labels.join('.').toLowerCase());
      }),
    );
  });
});

describe('parseDomain', () => {
  it('makes two names of one domain equal', () => {
    expect(parseDomain('EXAMPLE.Com')).toBe('example.com');
    expect(parseDomain('MÜNCHEN.de')).toBe('xn--mnchen-3ya.de');
    expect(parseDomain('xn--mnchen-3ya.de')).toBe('xn--mnchen-3ya.de');
    expect(parseDomain('mu\u0308nchen.de')).toBe('xn--mnchen-3ya.de');
    expect(parseDomain('日本.jp')).toBe('xn--wgv71a.jp');
  });

  const wrong = words('%6dü.de ü/a ü:80 ü@b ü_x.de a..ü ü. .ü １.２.３.４ １２７.１ ① a.ü.① 日本。jp a．ü ü｡a');

  it.each([...wrong, 'ü b', '\u202eü.com', '\u0301a.com', 'ü\0', 'ü\ud800.de'])('refuses %j', (text) => {
    expect(parseDomain(text)).toBeUndefined();
  });

  it('counts the octets of A-labels', () => {
    expect(parseDomain(`${'ü'.repeat(55)}.de`)).toMatch(/^xn--tda[a-z0-9]*\.de$/);
    expect(parseDomain(`${'ü'.repeat(62)}.de`)).toBeUndefined();
    expect(parseDomain(`${'ü.'.repeat(100)}a`)).toBeUndefined();
    expect(parseDomain('ü'.repeat(300))).toBeUndefined();
  });

  it('gives a domain in lower case or nothing, whatever it is given, and the same for what it gave', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.domain(), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(text, (text) => {
        const domain = parseDomain(text);
        if (domain === undefined) return;
        expect(isDomain(domain)).toBe(true);
        expect(domain).toBe(domain.toLowerCase());
        expect(parseDomain(domain)).toBe(domain);
      }),
    );
  });
});

describe('isAddressLiteral', () => {
  const right = words(`[1.2.3.4] [255.255.255.255] [0.0.0.0] [010.0.0.001] [x:y] [x-1:!>^~] [a:b:c]
    [IPv6:1:2:3:4:5:6:7:8] [ipv6:::] [IPv6:::1] [IPv6:1::] [IPv6:2001:DB8::FFFF] [IPv6:1:2:3::4:5:6]
    [IPv6:1:2:3:4:5:6::] [IPv6:::1:2:3:4:5:6] [IPv6:1:2:3:4:5:6:1.2.3.4] [IPv6:::1.2.3.4]
    [IPv6:::ffff:1.2.3.4] [IPv6:1:2:3:4::1.2.3.4] [IPv6:1:2::3:4:1.2.3.4]`);

  it.each(right)('holds %j to be one', (text) => {
    expect(isAddressLiteral(text)).toBe(true);
  });

  const wrong = words(String.raw`[] [ ] [1.2.3] [1.2.3.4.5] [256.2.3.4] [1.2.3.0004] [1.2.3.4 1.2.3.4 [1.2.3.-4]
    [x-:y] [:y] [x:] [x:[]] [x:\] [x:é] [é:x] [a] [IPv6:] [IPv6::] [IPv6:1] [IPv6:1:2:3:4:5:6:7]
    [IPv6:1:2:3:4:5:6:7:8:9] [IPv6:1::2::3] [IPv6:1:2:3:4:5:6:7::] [IPv6:12345::] [IPv6:::g] [IPv6::::]
    [IPv6:fe80::1%eth0] [IPv6:1.2.3.4] [IPv6:1:2:3:4:5:6:7:1.2.3.4] [IPv6:1:2:3:4:5::1.2.3.4]
    [IPv6:::1.2.3.4:1] [IPv6:::256.2.3.4]`);

  it.each([...wrong, '', '[x:a b]', `[x:${'y'.repeat(260)}]`])('holds %j to be none', (text) => {
    expect(isAddressLiteral(text)).toBe(false);
  });

  it('gives one form to compare', () => {
    expect(parseAddressLiteral('[010.0.0.001]')).toBe('[10.0.0.1]');
    expect(parseAddressLiteral('[IPv6:2001:DB8::A]')).toBe('[ipv6:2001:db8::a]');
  });

  it('takes every IPv4 and IPv6 address', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(parseAddressLiteral(`[${address}]`)).toBe(`[${address}]`);
      }),
    );
    const group = fc.integer({ min: 0, max: 0xffff }).map((number) => number.toString(16));
    fc.assert(
      fc.property(fc.array(group, { maxLength: 9 }), fc.nat(9), fc.boolean(), (groups, at, compressed) => {
        const full = groups.join(':');
        const split = Math.min(at, groups.length);
        const short = `${groups.slice(0, split).join(':')}::${groups.slice(split).join(':')}`;
        expect(isAddressLiteral(`[IPv6:${compressed ? short : full}]`)).toBe(
          compressed ? groups.length <= 6 : groups.length === 8,
        );
      }),
    );
  });

  it('never throws', () => {
    const pieces = fc.constantFrom('[', ']', 'IPv6:', ':', '::', '.', '1', '255', '256', 'a', 'g', '-', 'é', '\0');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), (all) => {
        expect(typeof isAddressLiteral(`[${all.join('')}]`)).toBe('boolean');
      }),
    );
  });
});
