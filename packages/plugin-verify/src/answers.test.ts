import { fc } from '@fast-check/vitest';
import { parsePath } from '@maitred/core';
import { describe, expect, it } from 'vitest';
import { expanded, verified } from './answers.ts';
import type { Entry } from './tokens.ts';

const options = { utf8: false, entries: 3 };
const ann: Entry = { name: 'Ann Other', mailbox: 'ann@mx.example' };
const jorg: Entry = { name: 'Jörg', mailbox: 'joerg@mx.example' };
const many = Array.from({ length: 4 }, () => ann);

describe('the answer to VRFY', () => {
  it.each([
    [{ is: 'mailbox', entry: ann } as const, 250, '2.1.5', ['Ann Other <ann@mx.example>']],
    [{ is: 'forwarded', entry: ann } as const, 251, '2.1.5', ['User not local; will forward to <ann@mx.example>']],
    [{ is: 'moved', entry: ann } as const, 551, '5.1.6', ['User not local; please try <ann@mx.example>']],
    [
      { is: 'ambiguous', entries: [ann, { mailbox: 'b@mx.example' }] } as const,
      553,
      '5.1.4',
      ['User ambiguous; possibilities are', 'Ann Other <ann@mx.example>', '<b@mx.example>'],
    ],
    [{ is: 'ambiguous', entries: many } as const, 553, '5.1.4', ['Ambiguous: say more']],
    [{ is: 'list' } as const, 550, '5.1.1', ['That is a mailing list, not a user']],
    [{ is: 'unknown' } as const, 550, '5.1.1', ['No such user here']],
    [{ is: 'undecided' } as const, 252, '2.5.0', [expect.stringContaining('Cannot verify')]],
  ])('to %j is %i', (found, code, enhanced, lines) => {
    expect(verified(found, options)).toMatchObject({ code, enhanced, lines });
  });

  it.each([
    [{ is: 'mailbox', entry: jorg } as const, 250, 252, '2.6.8'],
    [{ is: 'forwarded', entry: { mailbox: 'jörg@mx.example' } } as const, 251, 252, '2.6.8'],
    [{ is: 'moved', entry: { mailbox: 'jörg@mx.example' } } as const, 551, 550, '5.6.8'],
    [{ is: 'ambiguous', entries: [ann, jorg] } as const, 553, 553, '5.6.8'],
  ])('to %j is %i in UTF-8, or else %i', (found, code, otherwise, enhanced) => {
    expect(verified(found, { ...options, utf8: true })).toMatchObject({ code, utf8: true });
    const plain = verified(found, options);
    expect(plain).toMatchObject({ code: otherwise, enhanced });
    expect(plain.lines.join('')).toMatch(/^[ -~]+$/);
  });
});

describe('the answer to EXPN', () => {
  it.each([
    [
      { is: 'list', entries: [ann, { mailbox: 'b@mx.example' }] } as const,
      250,
      ['Ann Other <ann@mx.example>', '<b@mx.example>'],
    ],
    [{ is: 'list', entries: [] } as const, 250, ['The list is empty']],
    [{ is: 'list', entries: many } as const, 252, ['The list is too long to be told']],
    [{ is: 'mailbox' } as const, 550, ['That is a user, not a mailing list']],
    [{ is: 'unknown' } as const, 550, ['No such mailing list here']],
  ])('to %j is %i', (found, code, lines) => {
    expect(expanded(found, options)).toMatchObject({ code, lines });
  });

  it('takes UTF-8 where a member does', () => {
    const found = { is: 'list', entries: [ann, jorg] } as const;
    expect(expanded(found, { ...options, utf8: true })).toMatchObject({ code: 250, utf8: true });
    expect(expanded(found, options)).toMatchObject({ code: 252, enhanced: '2.6.8' });
  });
});

const line = (entry: Entry): string | undefined =>
  verified({ is: 'mailbox', entry }, { utf8: true, entries: 1 }).lines[0];

describe('an entry', () => {
  it.each([
    ['Ann Other', 'Ann Other <a@mx.example>'],
    ['J. R. Hacker', 'J. R. Hacker <a@mx.example>'],
    ['Other, Ann', '"Other, Ann" <a@mx.example>'],
    ['Ann <root@mx.example>', '"Ann <root@mx.example>" <a@mx.example>'],
    ['Ann "the" \\', '"Ann \\"the\\" \\\\" <a@mx.example>'],
    ['Jörg', 'Jörg <a@mx.example>'],
    ['', '<a@mx.example>'],
    [' \r\n', '<a@mx.example>'],
    ['Ann\r\n250 root <root@mx.example>', '"Ann 250 root <root@mx.example>" <a@mx.example>'],
  ])('with the name %j is one line, and its mailbox the last of it', (name, expected) => {
    expect(line({ name, mailbox: 'a@mx.example' })).toBe(expected);
  });

  it('has its local part quoted where it must be', () => {
    expect(line({ mailbox: '"john smith"@mx.example' })).toBe('<"john smith"@mx.example>');
    expect(line({ mailbox: '"john"@mx.example' })).toBe('<john@mx.example>');
  });

  it.each([
    '',
    'a',
    'postmaster',
    'a@',
    'a b@mx.example',
    'a@mx.example>',
    '<a@mx.example>',
    'a@mx.example\r\n',
    '@x:a@b> <c@d',
  ])('with the mailbox %j is a fault of the directory', (mailbox) => {
    expect(() => line({ mailbox })).toThrow(RangeError);
  });

  it('is one line whatever its name is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
        (name) => {
          const { lines } = verified(
            { is: 'mailbox', entry: { name, mailbox: 'a@mx.example' } },
            { utf8: true, entries: 1 },
          );
          expect(lines).toHaveLength(1);
          expect(lines[0]?.endsWith('<a@mx.example>')).toBe(true);
          const at = lines[0]?.lastIndexOf('<') ?? -1;
          expect(parsePath(lines[0] ?? '', at)).toMatchObject({ path: { mailbox: 'a@mx.example' } });
        },
      ),
    );
  });
});
