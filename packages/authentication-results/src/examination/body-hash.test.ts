import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { array, assert, constantFrom, nat, option, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dkimBody } from '../../test/unmodified.ts';
import type { BodyHash } from '../mailauth.ts';
import { LimitedHash } from './body-hash.ts';
import { RelaxedBody } from './relaxed-body.ts';
import { SimpleBody } from './simple-body.ts';

interface Report {
  readonly digest: string;
  readonly bodyHashedBytes: number;
  readonly canonicalizedLength: number;
  readonly byteLength: number;
}

type Kind = 'simple' | 'relaxed';
const report = (hash: BodyHash): Report => ({
  digest: hash.digest('base64'),
  bodyHashedBytes: hash.bodyHashedBytes,
  canonicalizedLength: hash.canonicalizedLength,
  byteLength: hash.byteLength,
});

function ours(kind: Kind, chunks: readonly Buffer[], limit?: number): Report {
  const body = kind === 'simple' ? new SimpleBody() : new RelaxedBody();
  const hash = new LimitedHash(body, 'sha256', limit);
  body.hashes.push(hash);
  for (const chunk of chunks) body.write(chunk);
  return report(hash);
}

function mailauths(kind: Kind, text: string, limit: number | '' = ''): Report {
  const hash = dkimBody(kind, 'sha256', limit);
  hash.update(Buffer.from(text, 'latin1'));
  return report(hash);
}

const cut = (text: string, size: number): Buffer[] => {
  const chunks: Buffer[] = [];
  for (let at = 0; at < text.length; at += size) chunks.push(Buffer.from(text.slice(at, at + size), 'latin1'));
  return chunks;
};

const canonical = (kind: Kind, text: string): string => {
  const found: Buffer[] = [];
  const body = kind === 'simple' ? new SimpleBody() : new RelaxedBody();
  const hash = new LimitedHash(body, 'sha256', undefined);
  hash.update = (octets): void => void found.push(Buffer.from(octets));
  body.hashes.push(hash);
  body.write(Buffer.from(text, 'latin1'));
  body.end();
  return Buffer.concat(found).toString('latin1');
};

/** As content comes by DATA, and bare CRs, which mailauth lets pass too. */
const texts = array(constantFrom('\r\n', '\r\n\r\n', ' ', '  ', '\t', 'a', 'word', '\xa0', '\r\r\n', '\rb', ' \r\n'), {
  maxLength: 30,
}).map((parts) => parts.join(''));

describe.each(['simple', 'relaxed'] as const)('the %s body', (kind) => {
  it('is hashed as mailauth hashes it, however it is cut', () => {
    assert(
      property(texts, constantFrom(1, 2, 3, 7, 1000), option(nat(60), { nil: undefined }), (text, size, limit) => {
        expect(ours(kind, cut(text, size), limit)).toEqual(mailauths(kind, text, limit));
      }),
      { numRuns: 3000 },
    );
  });

  it('is hashed as mailauth hashes it where it is long, of every shape', () => {
    const shapes = ['a', ' ', '\t', ' \r\n', '\r\n', 'ab \r\n', 'a  b\t\r\n', '\r'].map((shape) =>
      shape.repeat(200_000),
    );
    for (const shape of shapes) {
      const text = `${shape}x ${shape}`;
      expect(ours(kind, cut(text, 65_537))).toEqual(mailauths(kind, text));
    }
  });

  it('has its hash taken once', () => {
    const body = new SimpleBody();
    const [a, b] = [new LimitedHash(body, 'sha256', undefined), new LimitedHash(body, 'sha256', 1)];
    body.hashes.push(a, b);
    body.write(Buffer.from('ab'));
    expect([a.digest('base64'), b.digest('base64')]).toEqual(
      ['ab\r\n', 'a'].map((text) => createHash('sha256').update(text).digest('base64')),
    );
  });
});

describe('a line end by half, which only binary content has', () => {
  it('is an octet like any other (RFC 6376 3.4.3: lines end in CRLF)', () => {
    expect(canonical('simple', 'a\nb\r\r\n\n')).toBe('a\nb\r\r\n\n\r\n');
    expect(canonical('relaxed', 'a \n  b\r\r\n\n')).toBe('a \n b\r\r\n\n\r\n');
  });
});

describe('a body of white space', () => {
  it('is empty if relaxed, and a line if simple', () => {
    expect(canonical('relaxed', ' \r\n\t\r\n')).toBe('');
    expect(canonical('simple', '\r\n\r\n')).toBe('\r\n');
    expect(canonical('simple', '')).toBe('\r\n');
  });
});
