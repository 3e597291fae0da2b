import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { DottedDecoder } from './dotted.ts';

type Mode = 'refuse' | 'convert';

interface Told {
  content: string;
  ended: boolean;
  rest: string;
  bare: boolean;
}

function decode(chunks: readonly Buffer[], mode: Mode): Told {
  const decoder = new DottedDecoder(mode);
  const content = chunks.map((chunk) => decoder.decode(Buffer.from(chunk)).toString('latin1')).join('');
  return { content, ended: decoder.ended, rest: decoder.rest.toString('latin1'), bare: decoder.bare };
}

const decodeText = (text: string, mode: Mode = 'refuse'): Told => decode([Buffer.from(text, 'latin1')], mode);
const singles = (text: string): Buffer[] => [...Buffer.from(text, 'latin1')].map((octet) => Buffer.of(octet));

function cut(text: string, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (text.length + 1)), text.length].toSorted((a, b) => a - b);
  return ends.map((end, n) => Buffer.from(text.slice(n === 0 ? 0 : ends[n - 1], end), 'latin1'));
}

/** The rules, read line by line over all of the input. */
function expected(text: string, mode: Mode): Told {
  const lines = text.split('\r\n');
  const terminator = lines.findIndex((line, n) => line === '.' && n < lines.length - 1);
  const ended = terminator !== -1;
  const last = ended ? '' : (lines.at(-1) ?? '');
  const whole = ended ? lines.slice(0, terminator) : lines.slice(0, -1);
  const unstuffed = whole.map((line) => line.replace(/^\./, ''));
  // Until more comes, nobody knows whether a CR behind a first dot is content.
  const partial = last === '.\r' ? '' : last.replace(/^\./, '');
  const bare = unstuffed.some((line) => /[\r\n]/.test(line)) || /\r(?!$)|\n/.test(partial);
  const convert = (line: string): string => (mode === 'convert' ? line.replaceAll(/[\r\n]/g, '\r\n') : line);
  const convertPartial = (line: string): string => (mode === 'convert' ? line.replaceAll(/\r(?!$)|\n/g, '\r\n') : line);
  return {
    content: unstuffed.map((line) => `${convert(line)}\r\n`).join('') + convertPartial(partial),
    ended,
    rest: ended ? lines.slice(terminator + 1).join('\r\n') : '',
    bare,
  };
}

describe('DottedDecoder', () => {
  it('gives the content up to its last CRLF, and what follows the terminator', () => {
    expect(decodeText('a\r\nb\r\n.\r\nQUIT\r\n')).toEqual({
      content: 'a\r\nb\r\n',
      ended: true,
      rest: 'QUIT\r\n',
      bare: false,
    });
  });

  it('takes a dot and CRLF as the first octets for the end', () => {
    expect(decodeText('.\r\nx')).toEqual({ content: '', ended: true, rest: 'x', bare: false });
  });

  it('takes the first dot off a line, and no other', () => {
    expect(decodeText('..a.\r\n.b\r\n...\r\nc..\r\n.\r\n').content).toBe('.a.\r\nb\r\n..\r\nc..\r\n');
  });

  it('holds NUL, tabs and octets beyond ASCII to be content', () => {
    const content = 'a\0b\tc\xff\x85d\x8d\x8a\r\n\0.\r\n';
    expect(decodeText(`${content}.\r\n`)).toEqual({ content, ended: true, rest: '', bare: false });
  });

  // What has ended a message for one server and not for the next.
  const lookalikes = [
    '\n.\n',
    '\n.\r\n',
    '\r\n.\n',
    '\r.\r',
    '\r\n.\r',
    '\r.\r\n',
    '\r\n.\r\r\n',
    '\n\n.\r\n',
    '\r\r.\r\r',
    '\r\n\0.\r\n',
    '\r\n.\0\r\n',
    '\r\n.\n\n',
    '\r\0\n.\r\n',
    '\n\r.\n\r',
    '\x85.\x85',
    '\r\n.\x85',
  ];

  it.each(lookalikes)('does not end at %j, however it is cut', (lookalike) => {
    for (const mode of ['refuse', 'convert'] as const) {
      const text = `a${lookalike}MAIL FROM:<>\r\n`;
      expect(decodeText(text, mode).ended).toBe(false);
      expect(decode(singles(text), mode)).toEqual(decodeText(text, mode));
      for (let at = 1; at < text.length; at += 1) {
        expect(decode(cut(text, [at]), mode)).toEqual(decodeText(text, mode));
      }
      expect(decodeText(`${text}.\r\n`, mode).ended).toBe(true);
    }
  });

  it.each(['\n', '\r', '\r\r\n', '\n\r', '.\r\r\n', '.\n'])('tells of the bare line end in %j', (text) => {
    expect(decodeText(`${text}\r\n.\r\n`)).toMatchObject({ ended: true, bare: true });
  });

  it('leaves bare line ends as they are when they are to be refused', () => {
    expect(decodeText('a\rb\nc\r\r\n.\r\r\n.\r\n').content).toBe('a\rb\nc\r\r\n\r\r\n');
  });

  it('makes them CRLF when it converts, and leaves the dot behind one alone', () => {
    expect(decodeText('a\n.b\r.c\r\n.\r\n', 'convert').content).toBe('a\r\n.b\r\n.c\r\n');
    expect(decodeText('a\n.\n\r\n.\r\n', 'convert').content).toBe('a\r\n.\r\n\r\n');
  });

  it('leaves the chunk as it is when nothing has to be taken out', () => {
    const chunk = Buffer.from('a\r\nb\r\n');
    expect(new DottedDecoder('refuse').decode(chunk)).toBe(chunk);
  });

  it('takes dots out within the chunk', () => {
    const chunk = Buffer.from('..\r\n'.repeat(1000));
    const content = new DottedDecoder('refuse').decode(chunk);
    expect(content.buffer).toBe(chunk.buffer);
    expect(String(content)).toBe('.\r\n'.repeat(1000));
  });

  it('adds what is given after the end to the rest', () => {
    const decoder = new DottedDecoder('refuse');
    decoder.decode(Buffer.from('.\r\nQU'));
    expect(decoder.decode(Buffer.from('IT')).length).toBe(0);
    expect(String(decoder.rest)).toBe('QUIT');
  });

  const pieces = fc.constantFrom('\r', '\n', '\r\n', '.', '\r\n.', '\r\n.\r', '\0', 'a', 'b'.repeat(70), '\xff');
  const text = fc.array(pieces, { maxLength: 40 }).map((all) => all.join(''));
  const mode = fc.constantFrom<Mode>('refuse', 'convert');

  it('tells the same however the octets are cut', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat()), mode, (text, places, mode) => {
        const told = expected(text, mode);
        expect(decodeText(text, mode)).toEqual(told);
        expect(decode(cut(text, places), mode)).toEqual(told);
        expect(decode(singles(text), mode)).toEqual(told);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives back what was stuffed', () => {
    const octet = fc.oneof(fc.constant(0x2e), fc.nat(255)).filter((octet) => octet !== 0x0d && octet !== 0x0a);
    const line = fc.array(octet, { maxLength: 100 }).map((octets) => String.fromCharCode(...octets));
    const lines = fc.array(line, { maxLength: 20 });
    fc.assert(
      fc.property(lines, fc.array(fc.nat()), mode, (lines, places, mode) => {
        const octets = Buffer.from(lines.map((line) => `${line}\r\n`).join(''));
        const stuffed = octets
          .toString('latin1')
          .replaceAll(/^\./gm, '..')
          .replaceAll(/\r\n\./g, '\r\n.');
        const told = decode(cut(`${stuffed}.\r\nNOOP\r\n`, places), mode);
        expect(told).toEqual({
          content: octets.toString('latin1'),
          ended: true,
          rest: 'NOOP\r\n',
          bare: false,
        });
      }),
    );
  });

  it.each(['..\r\n', '\r\n', '\n', '\r', '.\r', '.', '\r\n.\r'])('reads a megabyte of %j in linear time', (text) => {
    for (const mode of ['refuse', 'convert'] as const) {
      const decoder = new DottedDecoder(mode);
      decoder.decode(Buffer.from(`x${text.repeat(1_000_000 / text.length)}`));
      expect(decoder.ended).toBe(false);
    }
  });
});
