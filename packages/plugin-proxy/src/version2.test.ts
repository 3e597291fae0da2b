import { describe, expect, it } from 'vitest';
import { client, inet, local, tlv, unix, version2 } from '../test/headers.ts';
import { parseHeader } from './header.ts';
import { noTlvs } from './tlvs.ts';

const ones = Array.from({ length: 16 }, () => 0xff);
const v6 = (last: number): number[] => [0x20, 0x01, 0x0d, 0xb8, ...Array.from({ length: 11 }, () => 0), last];
const mapped = (...v4: number[]): number[] => [...Array.from({ length: 10 }, () => 0), 0xff, 0xff, ...v4];
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe('version 2', () => {
  it.each([
    [1, 'STREAM'],
    [2, 'DGRAM'],
  ])('reads INET, transport %i', (transport, name) => {
    expect(parseHeader(version2({ transport }))).toEqual({
      header: {
        version: 2,
        command: 'PROXY',
        family: 'INET',
        transport: name,
        source: client,
        destination: local,
        tlvs: noTlvs,
      },
      length: 28,
    });
  });

  it.each([
    [v6(7), '2001:db8::7'],
    [Array.from({ length: 16 }, () => 0), '::'],
    [ones, 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    [mapped(192, 0, 2, 7), '192.0.2.7'],
  ])('reads INET6 %j', (octets, address) => {
    for (const [transport, name] of [[1, 'STREAM'] as const, [2, 'DGRAM'] as const]) {
      const addresses = inet(octets, v6(25), [65_535, 0]);
      expect(parseHeader(version2({ family: 2, transport, addresses }))).toMatchObject({
        header: {
          family: 'INET6',
          transport: name,
          source: { address, port: 65_535 },
          destination: { address: '2001:db8::19', port: 0 },
        },
        length: 52,
      });
    }
  });

  it.each([
    ['/run/a.sock', '/run/b.sock'],
    ['', '/run/b.sock'],
    ['x'.repeat(108), 'ü'.repeat(54)],
  ])('reads UNIX %j %j', (from, to) => {
    expect(parseHeader(version2({ family: 3, addresses: unix(from, to) }))).toMatchObject({
      header: {
        family: 'UNIX',
        source: { address: '', port: 0, path: from },
        destination: { address: '', port: 0, path: to },
      },
      length: 232,
    });
  });

  it.each([
    [[0xff], '/run/b.sock'],
    ['/run/a.sock', [0x2f, 0xc3]],
    ['/run/\r\n', ''],
    ['/run/\u0085', ''],
  ])('refuses UNIX %j %j', (from, to) => {
    expect(
      parseHeader(
        version2({
          family: 3,
          addresses: unix(from, to),
        }),
      ),
    ).toEqual({ fault: 'path' });
  });

  it('ignores all of a LOCAL header but its length', () => {
    const garbage = Buffer.from('not addresses');
    for (const [family, transport] of [[0, 0] as const, [1, 1] as const, [15, 15] as const]) {
      for (const addresses of [Buffer.alloc(0), garbage, Buffer.alloc(4000, 0xff)]) {
        expect(parseHeader(version2({ command: 0, family, transport, addresses }))).toEqual({
          header: {
            version: 2,
            command: 'LOCAL',
            family: 'UNSPEC',
            transport: 'UNSPEC',
            source: undefined,
            destination: undefined,
            tlvs: noTlvs,
          },
          length: 16 + addresses.length,
        });
      }
    }
  });

  it.each([
    [0, 0],
    [0, 1],
    [1, 0],
    [2, 0],
    [3, 0],
  ])('ignores the addresses of family %i with transport %i', (family, transport) => {
    const addresses = Buffer.from('whatever');
    expect(parseHeader(version2({ family, transport, addresses }))).toMatchObject({
      header: { command: 'PROXY', family: 'UNSPEC', source: undefined, destination: undefined },
      length: 24,
    });
  });

  it.each([
    ['version', [...range(0, 1), ...range(3, 15)]],
    ['command', range(2, 15)],
    ['family', range(4, 15)],
    ['transport', range(3, 15)],
  ] as const)('refuses every other %s', (field, values) => {
    for (const value of values) expect(parseHeader(version2({ [field]: value }))).toEqual({ fault: field });
  });

  it.each([
    [1, 12],
    [2, 36],
    [3, 216],
  ])('refuses family %i with fewer than %i octets of addresses, however many follow', (family, octets) => {
    for (const length of [0, 1, octets - 1]) {
      const addresses = Buffer.alloc(octets);
      expect(parseHeader(version2({ family, addresses, length }))).toEqual({ fault: 'too-short' });
      expect(parseHeader(version2({ family, addresses, length }).subarray(0, 16))).toEqual({ fault: 'too-short' });
    }
    expect(parseHeader(version2({ family, addresses: Buffer.alloc(octets) }))).toHaveProperty('header');
  });

  it('waits for as many octets as it says it has', () => {
    const overlong = version2({ length: 20 });
    expect(parseHeader(overlong)).toEqual({ missing: 8 });
    expect(parseHeader(Buffer.concat([overlong, Buffer.from('EHLO a\r\n')]))).toEqual({ fault: 'tlv-length' });
  });

  it('refuses more octets than are allowed as soon as it says how many it has', () => {
    const header = version2({ tlvs: tlv(0xe0, Buffer.alloc(100)) });
    expect(parseHeader(header, header.length)).toMatchObject({ length: header.length });
    expect(parseHeader(header, header.length - 1)).toEqual({ fault: 'too-large' });
    expect(parseHeader(header.subarray(0, 16), header.length - 1)).toEqual({ fault: 'too-large' });
    expect(parseHeader(version2({ command: 0, length: 65_535 }), 65_550)).toEqual({ fault: 'too-large' });
  });

  it('has room for 65,551 octets', () => {
    const tlvs = tlv(0xe0, Buffer.alloc(65_535 - 12 - 3));
    expect(parseHeader(version2({ tlvs }))).toMatchObject({ length: 65_551 });
  });
});
