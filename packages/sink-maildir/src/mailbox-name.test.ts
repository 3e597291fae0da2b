import { fc } from '@fast-check/vitest';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isMailboxName } from './mailbox-name.ts';

describe('isMailboxName', () => {
  it.each([
    'info',
    'Info',
    'a.b+c',
    "o'brien",
    'a b',
    'jürgen',
    '用户',
    'a@example.org',
    '_',
    'x'.repeat(200),
    '~root',
    '$HOME',
  ])('takes %j', (name) => {
    expect(isMailboxName(name)).toBe(true);
  });

  it.each([
    '',
    '.',
    '..',
    '...',
    '.hidden',
    '../up',
    'a/b',
    '/etc',
    'a\\b',
    'C:',
    'a:2,S',
    '-rf',
    ' a',
    'a ',
    'a.',
    'a\0b',
    'a\nb',
    'a\rb',
    'a\x7fb',
    'a\x85b',
    'a\u2028b',
    'a\u202eb',
    'a\u200bb',
    '\ud800',
    'x'.repeat(201),
    'ü'.repeat(101),
    'tmp',
    'new',
    'cur',
    'NEW',
  ])('refuses %j', (name) => {
    expect(isMailboxName(name)).toBe(false);
  });

  it.each([undefined, null, 5, {}, ['a'], Buffer.from('a')])('refuses %j, which is no text', (name) => {
    expect(isMailboxName(name)).toBe(false);
  });

  it('takes only what is one folder below the root', () => {
    const unit = fc.constantFrom(
      'a',
      '.',
      '..',
      '/',
      '\\',
      ':',
      ' ',
      '-',
      '~',
      '\0',
      '\n',
      'ü',
      '\u2024',
      '\u2215',
      '\ud800',
      '用',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 8 }), (name) => {
        if (!isMailboxName(name)) return;
        expect(join('/root', name)).toBe(`/root/${name}`);
        expect(resolve('/root', name)).toBe(`/root/${name}`);
      }),
      { numRuns: 2000 },
    );
  });
});
