import { fc } from '@fast-check/vitest';
import { Address } from 'address-rfc2821';
import { describe, expect, it } from 'vitest';
import { describePathFault, parseForwardPath, parsePath, parseReversePath } from './path.ts';
import type { Path, PathFault } from './path.ts';

function path(text: string): Path | PathFault {
  const parsed = parsePath(text);
  return typeof parsed === 'string' ? parsed : parsed.path;
}

const mailbox = (local: string, domain: string, written = `${local}@${domain}`): Path => ({
  mailbox: written,
  local,
  domain,
  ascii: true,
  null: false,
});

describe('parsePath', () => {
  it('reads a mailbox', () => {
    expect(path('<a@b.example>')).toEqual(mailbox('a', 'b.example'));
    expect(path("<A.!#$%&'*+-/=?^_`{|}~.9@b>")).toEqual(mailbox("A.!#$%&'*+-/=?^_`{|}~.9", 'b'));
  });

  it('tells where the path ends, and can begin anywhere', () => {
    expect(parsePath('a <b@c> d', 2)).toEqual({ path: mailbox('b', 'c'), rest: 7 });
    expect(parsePath('<>x')).toMatchObject({ rest: 2 });
  });

  it('keeps the domain as written in the mailbox, and gives the one to compare', () => {
    expect(path('<Joe@EXAMPLE.com>')).toEqual(mailbox('Joe', 'example.com', 'Joe@EXAMPLE.com'));
  });

  it('reads the null path', () => {
    expect(path('<>')).toEqual({ mailbox: '', local: '', domain: undefined, ascii: true, null: true });
  });

  it.each(['Postmaster', 'postmaster', 'POSTMASTER'])('reads <%s>', (name) => {
    expect(path(`<${name}>`)).toEqual({ mailbox: name, local: name, domain: undefined, ascii: true, null: false });
  });

  it.each([
    ['<"joe"@x>', 'joe', 'joe@x'],
    ['<"j\\o\\e"@x>', 'joe', 'joe@x'],
    ['<"a b"@x>', 'a b', '"a b"@x'],
    ['<"a@b>c"@x>', 'a@b>c', '"a@b>c"@x'],
    ['<"\\"\\\\\\ "@x>', '"\\ ', '"\\"\\\\ "@x'],
    ['<".a"@x>', '.a', '".a"@x'],
    ['<"a..b"@x>', 'a..b', '"a..b"@x'],
    ['<""@x>', '', '""@x'],
  ])('reads the quoted local part of %s', (text, local, written) => {
    expect(path(text)).toEqual(mailbox(local, 'x', written));
    expect(path(`<${written}>`)).toEqual(mailbox(local, 'x', written));
  });

  it('forgets a source route', () => {
    expect(path('<@a.example,@b:c@d>')).toEqual(mailbox('c', 'd'));
  });

  it('reads address literals', () => {
    expect(path('<a@[192.0.2.1]>')).toEqual(mailbox('a', '[192.0.2.1]'));
    expect(path('<a@[IPv6:2001:DB8::1]>')).toEqual(mailbox('a', '[ipv6:2001:db8::1]', 'a@[IPv6:2001:DB8::1]'));
    expect(path('<a@[tag:x>y]>')).toEqual(mailbox('a', '[tag:x>y]'));
  });

  it('reads internationalized mailboxes', () => {
    const jörg = { ...mailbox('jörg', 'xn--mnchen-3ya.de', 'jörg@MÜNCHEN.de'), ascii: false };
    expect(path('<jörg@MÜNCHEN.de>')).toEqual(jörg);
    expect(path('<"jörg"@MÜNCHEN.de>')).toEqual(jörg);
    expect(path('<jo@münchen.de>')).toMatchObject({ ascii: false });
    expect(path('<@münchen.de:jo@a>')).toMatchObject({ ascii: false, mailbox: 'jo@a' });
    expect(path('<"jö rg"@a>')).toMatchObject({ mailbox: '"jö rg"@a' });
    expect(path('<😀@a>')).toMatchObject({ local: '😀' });
  });

  // Separated by blanks here, `_` is a space.
  const wrong: Record<Exclude<PathFault, 'keyword' | 'null'>, string> = {
    brackets: 'a@b <a@b <a <a@[1.2.3.4]',
    route: '<@b> <@b,c:d@e> <@[1.2.3.4]:d@e> <@b',
    local: String.raw`< <a_b@c> <.a@b> <a.@b> <a..b@c> <@b:> <"a@b> <"a"b@c> <"a\"> <"\é"@b> <a"b"@c> <(a)b@c>`,
    domain: '<a@b@c> <a@> <a@b.> <a@b+c> <a@b_c> <a@[1.2.3]> <a@[1.2.3.4> <a@[1.2.3.4]b> <a@１.２.３.４>',
    'no-domain': '<a> <"Postmaster">',
    syntax: '<"a\0"@b> <"a\x07b"@c> <\x85@b> <a\u2028@b> <a\ud800@b>',
    'local-too-long': `<${'a'.repeat(65)}@b> <${'é'.repeat(33)}@b> <"${'a'.repeat(63)}"@b>`,
    'domain-too-long': `<a@${'b.'.repeat(130)}c> <a@[x:${'b'.repeat(255)}]>`,
    'path-too-long': `<a@${'b.'.repeat(126)}c> <@${'b.'.repeat(124)}c:ab@c>`,
  };
  const cases = Object.entries(wrong).flatMap(([fault, texts]) => texts.split(' ').map((text) => [text, fault]));

  it.each(cases as [string, PathFault][])('refuses %j: %s', (text, fault) => {
    expect(path(text.replaceAll('_', ' '))).toBe(fault);
    expect(describePathFault(fault)).toMatch(/^[A-Z][ -~]+$/);
  });

  it('refuses nothing at all, and an underscore in a domain', () => {
    expect(path('')).toBe('brackets');
    expect(path('<a@b_c>')).toBe('domain');
  });

  it('allows the longest of each', () => {
    expect(path(`<${'a'.repeat(64)}@b>`)).toMatchObject({ null: false });
    expect(path(`<${'é'.repeat(32)}@b>`)).toMatchObject({ null: false });
    expect(path(`<a@${'b.'.repeat(125)}cd>`)).toMatchObject({ null: false });
  });

  it('gives back the mailbox it made', () => {
    const local = fc.oneof(fc.stringMatching(/^[ -~]{0,20}$/), fc.stringMatching(/^[ -~¡-ʯ]{0,20}$/));
    fc.assert(
      fc.property(local, fc.constantFrom('b', 'B.example', 'münchen.de', '[1.2.3.4]'), (local, domain) => {
        const quoted = `"${local.replaceAll(/["\\]/g, '\\$&')}"`;
        const first = path(`<${quoted}@${domain}>`);
        expect(first).toMatchObject({ local, null: false });
        expect(path(`<${(first as Path).mailbox}>`)).toEqual(first);
      }),
    );
  });

  const atoms = fc.constantFrom(
    'a',
    'Z9',
    '!',
    '.',
    '..',
    '"',
    '\\',
    '@',
    '<',
    '>',
    ' ',
    '-',
    '_',
    ',',
    ':',
    '(',
    'é',
    '[',
  );
  const domains = fc.constantFrom(
    'a',
    'b.c',
    '-a',
    'a-',
    'a.',
    '.a',
    '[1.2.3.4]',
    '[1.2.3.256]',
    '[x:y]',
    '[x-:y]',
    'é.a',
  );

  it('reads what a second reading of RFC 5321 reads, as it does', () => {
    const part = fc.array(atoms, { maxLength: 6 }).map((all) => all.join(''));
    const local = fc.oneof(
      part,
      part.map((text) => `"${text}"`),
    );
    fc.assert(
      fc.property(local, fc.oneof(part, domains), (local, domain) => {
        const text = `<${local}@${domain}>`;
        let theirs: Address | undefined;
        try {
          theirs = new Address(text);
        } catch {}
        const parsed = parsePath(text);
        const ours = typeof parsed === 'string' || parsed.rest < text.length ? 'syntax' : parsed.path;
        // Theirs allows what is no U-label, and a character beyond ASCII behind a backslash.
        if (/[^\0-\x7f]/.test(text) && theirs !== undefined && typeof ours === 'string') return;
        expect(typeof ours === 'string').toBe(theirs === undefined);
        if (typeof ours !== 'string' && theirs !== undefined) expect(ours.domain).toBe(theirs.host);
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, in linear time', () => {
    const pieces = fc.array(fc.oneof(atoms, domains, fc.string({ unit: 'binary', maxLength: 2 })));
    fc.assert(
      fc.property(pieces, (all) => {
        const parsed = parsePath(`<${all.join('')}`);
        if (typeof parsed === 'string') expect(describePathFault(parsed)).not.toBe('');
        else expect(parsed.path.mailbox).not.toMatch(/[\0-\x1f\x7f-\x9f\u2028\u2029]/);
      }),
    );
    const long = ['a', 'a.', '"', '\\', '@a', '@a,', '<', ':', '[', 'é', ' '].map((piece) => piece.repeat(300_000));
    for (const text of long) for (const start of ['<', '<"', '<@', '<a@', '<a@[']) path(`${start}${text}>`);
  });
});

describe('parseReversePath', () => {
  it('reads FROM:, the path, and what follows', () => {
    expect(parseReversePath('FROM:<a@b> SIZE=1 BODY=8BITMIME')).toEqual({
      path: mailbox('a', 'b'),
      parameters: 'SIZE=1 BODY=8BITMIME',
    });
    expect(parseReversePath('from:<>')).toMatchObject({ path: { null: true }, parameters: '' });
  });

  it('lets spaces behind the colon pass', () => {
    expect(parseReversePath('From:  <a@b>   SIZE=1')).toMatchObject({ parameters: 'SIZE=1' });
  });

  it.each<[string, PathFault]>([
    ['', 'keyword'],
    ['TO:<a@b>', 'keyword'],
    ['FROM <a@b>', 'keyword'],
    ['FROM:', 'brackets'],
    ['FROM:a@b', 'brackets'],
    ['FROM:Joe <a@b>', 'brackets'],
    ['FROM:<Postmaster>', 'no-domain'],
    ['FROM:<a@b>SIZE=1', 'syntax'],
    ['FROM:<a@b>>', 'syntax'],
    ['FROM:<>>', 'syntax'],
  ])('refuses %j: %s', (args, fault) => {
    expect(parseReversePath(args)).toBe(fault);
  });
});

describe('parseForwardPath', () => {
  it('reads TO:, the path, and what follows', () => {
    expect(parseForwardPath('TO:<a@b> NOTIFY=NEVER')).toEqual({
      path: mailbox('a', 'b'),
      parameters: 'NOTIFY=NEVER',
    });
    expect(parseForwardPath('to: <POSTMASTER>')).toMatchObject({ path: { local: 'POSTMASTER' } });
  });

  it.each<[string, PathFault]>([
    ['TO:<>', 'null'],
    ['FROM:<a@b>', 'keyword'],
    ['TO:<joe>', 'no-domain'],
  ])('refuses %j: %s', (args, fault) => {
    expect(parseForwardPath(args)).toBe(fault);
  });
});
