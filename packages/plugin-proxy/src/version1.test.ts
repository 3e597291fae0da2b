import { describe, expect, it } from 'vitest';
import { version1 } from '../test/headers.ts';
import { parseHeader } from './header.ts';
import { noTlvs } from './tlvs.ts';

const fault = (line: string): unknown => parseHeader(Buffer.from(line, 'latin1'));

describe('version 1', () => {
  it('reads TCP4', () => {
    expect(parseHeader(version1('TCP4 255.255.255.255 0.0.0.0 65535 0'))).toEqual({
      header: {
        version: 1,
        command: 'PROXY',
        family: 'INET',
        transport: 'STREAM',
        source: { address: '255.255.255.255', port: 65_535 },
        destination: { address: '0.0.0.0', port: 0 },
        tlvs: noTlvs,
      },
      length: 'PROXY TCP4 255.255.255.255 0.0.0.0 65535 0\r\n'.length,
    });
  });

  it.each([
    ['2001:DB8::7', '2001:db8::7'],
    ['2001:0db8:0000:0000:0000:0000:0000:0007', '2001:db8::7'],
    ['::', '::'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:0207', '192.0.2.7'],
    ['::192.0.2.7', '::192.0.2.7'],
  ])('reads TCP6 %s', (written, address) => {
    expect(parseHeader(version1(`TCP6 ${written} ::1 40000 25`))).toMatchObject({
      header: { family: 'INET6', source: { address, port: 40_000 }, destination: { address: '::1', port: 25 } },
    });
  });

  it.each([
    '',
    ' ',
    ' TCP4 1.2.3.4 1.2.3.4 1 1',
    ' ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535',
    ' \0\xff\t',
  ])('ignores what is behind UNKNOWN: %j', (rest) => {
    const line = Buffer.from(`PROXY UNKNOWN${rest}\r\n`, 'latin1');
    expect(parseHeader(line)).toMatchObject({
      header: { version: 1, command: 'PROXY', family: 'UNSPEC', source: undefined, destination: undefined },
      length: line.length,
    });
  });

  it.each([
    ['line-fields', 'PROXYTCP4 192.0.2.7 198.51.100.25 40000 25'],
    ['line-fields', 'PROXY\tTCP4 192.0.2.7 198.51.100.25 40000 25'],
    ['line-fields', 'PROXY TCP4'],
    ['line-fields', 'PROXY TCP4 192.0.2.7'],
    ['line-fields', 'PROXY TCP4 192.0.2.7 198.51.100.25'],
    ['line-fields', 'PROXY TCP4 192.0.2.7 198.51.100.25 40000'],
    ['line-fields', 'PROXY TCP4 192.0.2.7 198.51.100.25 40000 25 '],
    ['line-fields', 'PROXY TCP4 192.0.2.7 198.51.100.25 40000 25 7'],
    ['line-fields', 'PROXY TCP4  192.0.2.7 198.51.100.25 40000 25'],
    ['protocol', 'PROXY'],
    ['protocol', 'PROXY '],
    ['protocol', 'PROXY  TCP4 192.0.2.7 198.51.100.25 40000 25'],
    ['protocol', 'PROXY TCP5 192.0.2.7 198.51.100.25 40000 25'],
    ['protocol', 'PROXY tcp4 192.0.2.7 198.51.100.25 40000 25'],
    ['protocol', 'PROXY UDP4 192.0.2.7 198.51.100.25 40000 25'],
    ['protocol', 'PROXY UNKNOWNS'],
    ['protocol', 'PROXY unknown'],
    ['address', 'PROXY TCP4 192.0.2.256 198.51.100.25 40000 25'],
    ['address', 'PROXY TCP4 192.0.2 198.51.100.25 40000 25'],
    ['address', 'PROXY TCP4 192.0.02.7 198.51.100.25 40000 25'],
    ['address', 'PROXY TCP4 192.0.2.7 198.51.100.025 40000 25'],
    ['address', 'PROXY TCP4 0xc0.0.2.7 198.51.100.25 40000 25'],
    ['address', 'PROXY TCP4 3221225991 198.51.100.25 40000 25'],
    ['address', 'PROXY TCP4 2001:db8::7 2001:db8::25 40000 25'],
    ['address', 'PROXY TCP4 192.0.2.7\t 198.51.100.25 40000 25'],
    ['address', 'PROXY TCP6 192.0.2.7 198.51.100.25 40000 25'],
    ['address', 'PROXY TCP6 2001:db8::7 198.51.100.25 40000 25'],
    ['address', 'PROXY TCP6 2001:db8::7::1 ::1 40000 25'],
    ['address', 'PROXY TCP6 2001:db8:7 ::1 40000 25'],
    ['address', 'PROXY TCP6 2001:db8::00007 ::1 40000 25'],
    ['address', 'PROXY TCP6 2001:db8::g ::1 40000 25'],
    ['address', 'PROXY TCP6 [2001:db8::7] ::1 40000 25'],
    ['address', 'PROXY TCP6 fe80::1%eth0 ::1 40000 25'],
    ['address', 'PROXY TCP6 ::ffff:192.0.2.256 ::1 40000 25'],
    ['address', 'PROXY TCP4 host.example 198.51.100.25 40000 25'],
    ['port', 'PROXY TCP4 192.0.2.7 198.51.100.25 65536 25'],
    ['port', 'PROXY TCP4 192.0.2.7 198.51.100.25 40000 65536'],
    ['port', 'PROXY TCP4 192.0.2.7 198.51.100.25 040000 25'],
    ['port', 'PROXY TCP4 192.0.2.7 198.51.100.25 40000 00'],
    ['port', 'PROXY TCP4 192.0.2.7 198.51.100.25 -1 25'],
    ['port', 'PROXY TCP4 192.0.2.7 198.51.100.25 +1 25'],
    ['port', 'PROXY TCP4 192.0.2.7 198.51.100.25 1e3 25'],
    ['port', 'PROXY TCP4 192.0.2.7 198.51.100.25 40000 '],
    ['port', 'PROXY TCP4 192.0.2.7 198.51.100.25 40000 25\0'],
  ])('refuses, for its %s, %j', (why, line) => {
    expect(fault(`${line}\r\n`)).toEqual({ fault: why });
  });

  it.each([
    ['line-end', 'PROXY TCP4 192.0.2.7 198.51.100.25 40000 25\n'],
    ['line-end', 'PROXY TCP4 192.0.2.7 198.51.100.25 40000 25\rX'],
    ['line-end', 'PROXY TCP4 192.0.2.7 198.51.100.25 40000 25\r\r\n'],
    ['line-end', 'PROXY UNKNOWN\nQUIT\r\n'],
    ['line-length', `PROXY UNKNOWN ${'x'.repeat(92)}\r\n`],
    ['line-length', `PROXY UNKNOWN ${'x'.repeat(93)}`],
    ['line-length', `PROXY UNKNOWN ${'x'.repeat(2000)}\r\n`],
    ['line-length', `PROXY UNKNOWN ${'x'.repeat(93)}\n`],
  ])('refuses, for its %s, %j', (why, line) => {
    expect(fault(line)).toEqual({ fault: why });
  });

  it('has room for 107 octets, CRLF and all', () => {
    expect(fault(`PROXY UNKNOWN ${'x'.repeat(91)}\r\n`)).toMatchObject({ length: 107 });
    expect(fault(`PROXY UNKNOWN ${'x'.repeat(91)}\r`)).toEqual({ missing: 1 });
  });
});
