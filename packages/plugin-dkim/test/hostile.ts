import { Buffer } from 'node:buffer';
import { plain, signed, type TestKey } from './signer.ts';

/** A message that is meant to cost more than it should. */
export interface Hostile {
  readonly name: string;
  readonly content: Buffer;
  /** What the limits make of it: refused at once, or kept. */
  readonly code: 250 | 552;
}

const KIB = 1024;
const SECTION = 64 * KIB;
const FIELD = 8 * KIB;

const signature = (tags: string): string =>
  `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s; ${tags}`;
const good = 'h=from; bh=AAAA; b=AAAA';
const field = (name: string, piece: string, octets = FIELD): string =>
  `${name}: ${piece.repeat(Math.max(0, Math.floor((octets - name.length - 5) / piece.length)))}x`;
const header = (lines: readonly string[]): Buffer =>
  Buffer.from(`${['From: a@example.org', ...lines].join('\r\n')}\r\n\r\nbody\r\n`, 'latin1');
const filled = (line: string): string[] =>
  Array.from({ length: Math.floor((SECTION - 60) / (line.length + 2)) }, () => line);
const kept = (name: string, content: Buffer): Hostile => ({ name, content, code: 250 });
/** Covers a field of the name X. */
const covering = signature('h=from:x; bh=AAAA; b=AAAA');
/** Fields up to core's limit for them, and for the header. */
const far = (piece: string): Buffer => header([1, 2, 3, 4].map(() => field('X', piece, 64_000)));
const refused = (name: string, content: Buffer): Hostile => ({ name, content, code: 552 });

/** All that is made to be slow: headers and bodies of the worst shapes, within the limits and beyond. */
export function hostiles(key: TestKey): Hostile[] {
  const names = [
    'DKIM-Signature',
    'ARC-Seal',
    'ARC-Message-Signature',
    'ARC-Authentication-Results',
    'From',
    'Content-Type',
    'Return-Path',
  ];
  const pieces = [
    ' ',
    '\t',
    '\r\n ',
    ';',
    'a=b;',
    ' a = b ;',
    '(',
    ')',
    '<',
    '>',
    ',',
    ':',
    '"',
    '\\',
    'a:',
    'a;',
    '@',
    'a@b,',
    '=?utf-8?q?a?= ',
    '\xff',
    '*0=a;',
  ];
  return [
    refused(
      'a header of a megabyte',
      header(filled('A: b').concat(Array.from({ length: 16 * KIB }, () => field('X', 'y', 60)))),
    ),
    refused('a header that never ends', Buffer.alloc(1024 * KIB, 'x')),
    refused('a line of a header of a megabyte', header([field('X', 'y', 1024 * KIB)])),
    kept('lines of one octet', header(filled('A:'))),
    kept('nothing but folds', header([`X: a${'\r\n '.repeat(SECTION / 4)}b`])),
    kept('lines of one octet that are no fields', header([`X: a${'\r\na'.repeat(SECTION / 4)}`])),
    refused('a hundred thousand fields', header(Array.from({ length: 100_000 }, () => 'a:b'))),
    refused(
      'a hundred signatures of 8 KiB',
      header(Array.from({ length: 100 }, () => field('DKIM-Signature', 'a=b;'))),
    ),
    ...pieces.flatMap((piece) => [
      // As much as core takes.
      kept(`four times too much header of ${JSON.stringify(piece)}`, far(piece)),
      kept(`a From of ${JSON.stringify(piece)}`, header([field('From', piece, 60_000)])),
      kept(
        `nine signatures of a field of ${JSON.stringify(piece)}`,
        header([field('X', piece, 60_000), ...Array.from({ length: 9 }, () => covering)]),
      ),
    ]),
    ...['From', 'From \r\n', 'From:\r\n ', 'From: a@b\r\n', 'ARC-Seal\r\n', 'DKIM-Signature: a\r\n', 'a:b\r\n'].map(
      (piece) => kept(`four times too much header of ${JSON.stringify(piece)}`, far(piece)),
    ),
    kept('a hundred signatures', header(Array.from({ length: 100 }, () => signature(good)))),
    kept(
      'five hundred fields, and seven signatures of them all',
      header([
        ...Array.from({ length: 400 }, (_, at) => `a${at % 10}: b`),
        ...Array.from({ length: 7 }, () => signature(`h=from${':a1'.repeat(2400)}; bh=AAAA; b=AAAA`)),
      ]),
    ),
    kept(
      'as many signed fields as are looked for',
      header([
        ...Array.from({ length: 400 }, (_, at) => `a${at % 10}: b`),
        ...Array.from({ length: 8 }, () => signature(`h=from${':a1'.repeat(199)}; bh=AAAA; b=AAAA`)),
      ]),
    ),
    kept(
      'signatures with a thousand tags',
      header(Array.from({ length: 7 }, () => signature(`${'a=b;'.repeat(1900)} ${good}`))),
    ),
    kept(
      'signatures with one long tag',
      header(Array.from({ length: 7 }, () => signature(`z=${'x'.repeat(7900)}; ${good}`))),
    ),
    ...names.flatMap((name) =>
      pieces.map((piece) =>
        kept(`${name} of ${JSON.stringify(piece)}`, header(Array.from({ length: 7 }, () => field(name, piece)))),
      ),
    ),
    ...pieces.map((piece) =>
      kept(
        `ARC-Seal with a number, of ${JSON.stringify(piece)}`,
        header(
          Array.from({ length: 7 }, (_, at) => field('ARC-Seal', piece, FIELD - 10).replace(': ', `: i=${at + 1}; `)),
        ),
      ),
    ),
    ...bodies(key),
  ];
}

const bodyOf = (name: string, header: string, piece: string, octets: number): Hostile => ({
  name,
  content: Buffer.concat([Buffer.from(header, 'latin1'), Buffer.alloc(octets, piece), Buffer.from('x\r\n')]),
  code: 250,
});

function bodies(key: TestKey): Hostile[] {
  const lines = [' ', '\t', '\r\n', ' \r\n', 'a ', 'a  ', 'a\t\r\n', '.\r\n', '--x\r\n', 'a\r\n'];
  const relaxed = `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s; h=from; bh=AAAA; b=AAAA\r\n`;
  const limited = [1, 2, 3, 4, 5, 6, 7].map((l) => relaxed.replace('h=', `l=${l}00000; h=`)).join('');
  const message = signed(plain, key);
  const top = `${message.slice(0, message.indexOf('\r\n\r\n'))}\r\n\r\n`;
  return [
    bodyOf('a body of one line of 20 MB', relaxed + top, 'x', 20_000_000),
    bodyOf('a body of one line of 20 MB for seven hashes', limited + top, 'x', 20_000_000),
    ...lines.map((line) => bodyOf(`a body of ${JSON.stringify(line)}`, relaxed + limited + top, line, 4_000_000)),
  ];
}
