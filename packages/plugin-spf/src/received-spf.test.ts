import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { receivedSpf, type ReceivedSpf } from './received-spf.ts';

const plain: ReceivedSpf = {
  check: { identity: 'mailfrom', result: 'pass', domain: 'example.com', comment: 'example.com permits 192.0.2.1' },
  ip: '192.0.2.1',
  helo: 'mail.example.com',
  mailbox: 'ann@example.com',
  receiver: 'mx.example.org',
};

const atext = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~]";
const dotAtom = `${atext}+(?:\\.${atext}+)*`;
const quoted = '"(?:[ !#-\\[\\]-~\\u{a1}-\\u{10ffff}]|\\\\["\\\\])*"';
const pair = `(?:[a-z-]+)=(?:${dotAtom}|${quoted})`;
/** RFC 7208 9.1, unfolded; quoted strings as RFC 6532 3.2 extends them. */
const grammar = new RegExp(
  `^Received-SPF: [a-z]+ (?:\\((?:[ -'*-\\[\\]-~]|\\\\[ -~])*\\) )?${pair}(?:; ${pair})*$`,
  'u',
);

/** The pairs, unquoted. */
function read(field: string): Record<string, string> {
  const unfolded = field.replace(/\r\n\t/g, ' ');
  expect(unfolded).toMatch(grammar);
  const pairs = unfolded
    .replace(/^[^(]*\((?:[^\\)]|\\.)*\) /, '')
    .matchAll(new RegExp(`([a-z-]+)=(?:(${dotAtom})|(${quoted}))`, 'gu'));
  return Object.fromEntries(
    Array.from(pairs, ([, name = '', atom, text = '']) => [name, atom ?? text.slice(1, -1).replace(/\\(.)/g, '$1')]),
  );
}

describe('Received-SPF', () => {
  it('tells who was checked, how, and what came of it, folded', () => {
    expect(receivedSpf(plain).split('\r\n')).toEqual([
      'Received-SPF: pass (example.com permits 192.0.2.1)',
      '\tclient-ip=192.0.2.1; envelope-from="ann@example.com"; helo=mail.example.com;',
      '\treceiver=mx.example.org; identity=mailfrom',
    ]);
  });

  it('quotes what is no dot-atom: an IPv6 address, an address literal, a quoted local part', () => {
    const field = receivedSpf({
      ...plain,
      ip: '2001:db8::1',
      helo: '[192.0.2.1]',
      mailbox: '"a \\"b\\" c"@example.com',
    });
    expect(read(field)).toMatchObject({
      'client-ip': '2001:db8::1',
      helo: '[192.0.2.1]',
      'envelope-from': '"a \\"b\\" c"@example.com',
    });
  });

  it('has no envelope-from of the null reverse-path', () => {
    expect(Object.keys(read(receivedSpf({ ...plain, mailbox: '' })))).toEqual([
      'client-ip',
      'helo',
      'receiver',
      'identity',
    ]);
  });

  it('leaves out what no line could hold', () => {
    const names = Object.keys(read(receivedSpf({ ...plain, helo: 'a'.repeat(901), mailbox: 'ä'.repeat(451) })));
    expect(names).toEqual(['client-ip', 'receiver', 'identity']);
  });

  it('is one field with lines of at most 998 octets, and tells the truth, whatever the values hold', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    const values = fc.record({ ip: text, helo: text, mailbox: text, receiver: text, comment: text });
    fc.assert(
      fc.property(values, ({ comment, ...facts }) => {
        const field = receivedSpf({ ...facts, check: { ...plain.check, comment } });
        for (const line of field.split('\r\n')) {
          expect(line).not.toMatch(/[\r\n\0]/);
          expect(Buffer.byteLength(line)).toBeLessThanOrEqual(998);
        }
        for (const [name, value] of Object.entries(read(field))) {
          const given = {
            'client-ip': facts.ip,
            helo: facts.helo,
            'envelope-from': facts.mailbox,
            receiver: facts.receiver,
          };
          const wanted = (given as Record<string, string>)[name]?.replace(/[\p{C}\u2028\u2029]/gu, '?');
          expect(value).toBe(wanted ?? 'mailfrom');
        }
      }),
    );
  });
});
