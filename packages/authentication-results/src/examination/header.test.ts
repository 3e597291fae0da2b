import { Buffer } from 'node:buffer';
import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHeaders } from '../../test/unmodified.ts';
import { endsLinesInCrlf, parseHeader } from './header.ts';

const lines = array(constantFrom('a', 'B', ':', ' ', '\t', '\r\n', 'From', '\xa0', 'é', '\x7f', ''), {
  maxLength: 40,
});

const parsed = (text: string): { key: string; line: string }[] =>
  parseHeader(Buffer.from(text, 'latin1')).parsed.map(({ key, line }) => ({ key, line: line.toString('latin1') }));

describe('the header', () => {
  it('is fields with their folds', () => {
    expect(parsed('From: a\r\n b\r\nSubject: c\r\n\r\n')).toEqual([
      { key: 'from', line: 'From: a\r\n b' },
      { key: 'subject', line: 'Subject: c' },
    ]);
  });

  it('has a name found behind white space and a fold in front of its colon (RFC 5322 4.5.8)', () => {
    expect(parsed('X: y\r\nFrom \r\n : a\r\n')).toEqual([
      { key: 'x', line: 'X: y' },
      { key: 'from', line: 'From \r\n : a' },
    ]);
  });

  it('counts what is no field to the field above', () => {
    expect(parsed('From: a\r\n\xa0From: b\r\nno field\r\n')).toEqual([
      { key: 'from', line: 'From: a\r\n\xa0From: b\r\nno field' },
    ]);
  });

  it('may be empty', () => {
    expect(parsed('\r\n')).toEqual([]);
    expect(parsed('')).toEqual([]);
  });

  it('is read as mailauth reads it', () => {
    assert(
      property(lines, (pieces) => {
        // An empty line would end it.
        const header = Buffer.from(
          `${pieces
            .join('')
            .replace(/(\r\n)+/g, '\r\n')
            .replace(/^\r\n/, '')}\r\n`,
          'latin1',
        );
        const theirs = parseHeaders(header).parsed.map(({ key, casedKey, line }) => ({
          key: key ?? '',
          casedKey: casedKey ?? '',
          line,
        }));
        expect(parseHeader(header).parsed).toEqual(theirs);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('line ends of a header', () => {
  it.each(['', 'a', 'a\r\n', 'a\r\nb', '\r\n', 'a\r\n\r\n'])('are CRLF in %j', (text) => {
    expect(endsLinesInCrlf(Buffer.from(text))).toBe(true);
  });

  it.each(['\n', '\r', 'a\n', 'a\r', 'a\rb\r\n', 'a\nb\r\n', 'a\r\r\n', 'a\n\r\n', 'a\r\n\n', '\n\r'])(
    'are not in %j',
    (text) => {
      expect(endsLinesInCrlf(Buffer.from(text))).toBe(false);
    },
  );
});
