import { createHash } from 'node:crypto';
import { definePlugin } from '@maitred/core';
import { describe, expect, it } from 'vitest';
import { example, message, signature } from '../../test/example.ts';
import { defaultExaminationLimits } from '../index.ts';

const over = (octets: number, name = 'A'): string => `${name}: ${'a'.repeat(octets - name.length - 4)}\r\n`;

describe('limits of the pass', () => {
  const { header, field, fields } = defaultExaminationLimits;

  it('are what the documentation says', () => {
    expect(defaultExaminationLimits).toEqual({
      header: 65_536,
      field: 8192,
      fields: 500,
      signatures: 8,
      signedFields: 200,
      turn: 2_097_152,
    });
  });

  it.each([
    [
      'a header',
      `${over(8000).repeat(8)}${over(header - 64_000 - 2)}\r\n`,
      `${over(8000).repeat(8)}${over(header - 64_000 - 1)}\r\n`,
      'Header section too large to be verified: at most 65536 octets',
    ],
    ...['From', 'DKIM-Signature', 'ARC-Seal', 'ARC-Message-Signature', 'ARC-Authentication-Results'].map(
      (name): [string, string, string, string] => [
        `a field that is parsed, ${name}`,
        `${over(field, name)}\r\n`,
        `${over(field + 1, name)}\r\n`,
        'Header field too large to be verified: at most 8192 octets',
      ],
    ),
    [
      'a field with its folds',
      `From: ${'\r\n b'.repeat(2000)}\r\n\r\n`,
      `From: ${'\r\n b'.repeat(2100)}\r\n\r\n`,
      'Header field too large to be verified: at most 8192 octets',
    ],
    [
      'fields',
      `${'A: b\r\n'.repeat(fields)}\r\n`,
      `${'A: b\r\n'.repeat(fields + 1)}\r\n`,
      'Too many header fields to be verified: at most 500',
    ],
  ])('bound %s: 552 5.3.4 if that is asked for', async (_, within, beyond, text) => {
    await using it = await example([{ signatures: true }], { overLimit: 'refuse' });
    expect(await it.send(within)).toMatch(/^250 /);
    expect(await it.send(beyond)).toBe(`552 ${text}`);
    expect(await it.send(beyond, { size: 1000 })).toBe(`552 ${text}`);
    expect(it.findings).toHaveLength(1);
    await using lenient = await example([{ signatures: true }]);
    expect(await lenient.send(beyond, { size: 1000 })).toMatch(/^250 /);
    expect(lenient.findings).toMatchObject([{ signatures: [] }]);
  });

  it.each(['To', 'Cc', 'References', 'Received', 'List-Unsubscribe', 'Subject', 'Content-Type', 'Sender'])(
    'leave a long %s as it is',
    async (name) => {
      await using it = await example([{ signatures: true, chain: true }], { overLimit: 'refuse' });
      expect(await it.send(over(60_000, name) + message)).toMatch(/^250 /);
      const [found] = it.findings;
      expect(found).toMatchObject({ headerFrom: ['a@a.example'], signatures: [{ selector: 's' }] });
      expect(found?.arc.chain).toHaveLength(1);
      expect(found?.overLimit).toBeUndefined();
    },
  );

  it('bound the signatures that are examined', async () => {
    await using it = await example([{ signatures: true }], { limits: { signatures: 2 } });
    await it.send(`${['a', 'b', 'c', 'd'].map(signature).join('')}From: a@b\r\n\r\n`);
    expect(it.findings[0]?.signatures.map(({ selector }) => selector)).toEqual(['a', 'b']);
    expect(it.findings[0]?.unexamined).toBe(2);
    expect(it.dns.questions).toHaveLength(2);
  });

  it('bound the names that are looked for', async () => {
    await using it = await example([{ signatures: true }], { limits: { signedFields: 2 } });
    await it.send(
      `${signature('a').replace('h=from', 'h=from:b')}${signature('b').replace('h=from', 'h=from:b:c')}From: a@b\r\n\r\n`,
    );
    expect(it.findings[0]?.signatures.map(({ status }) => status.comment)).toEqual([
      'body hash did not verify',
      'too many signed fields',
    ]);
  });

  it('bound the octets that are hashed in a turn, each once per hash', async () => {
    const chunks = 40;
    let turns = 0;
    const counting = definePlugin({
      name: 'counting',
      stages: {
        body: () => {
          let open = true;
          const tick = (): void => {
            turns += 1;
            if (open) setImmediate(tick);
          };
          setImmediate(tick);
          return { write: () => {}, end: () => void (open = false), abort: () => void (open = false) };
        },
      },
    });
    await using it = await example([{ signatures: true, bodyHash: true }], { limits: { turn: 2000 } }, [counting]);
    await it.send(`${signature('a')}From: a@b\r\n\r\n${'x'.repeat(chunks * 1000)}`);
    expect(turns).toBeGreaterThanOrEqual(chunks);
  });
});

describe('a header over a limit', () => {
  const { header, field, fields } = defaultExaminationLimits;
  const long = over(header);
  const many = 'A: b\r\n'.repeat(fields);
  const section = `header section over ${header} octets`;
  const count = `more than ${fields} header fields`;
  const all = { signatures: true, chain: true, bodyHash: true };

  it.each([
    ['long, below', `${message.replace(/\r\n\r\n[^]*/, '\r\n')}${long}`, section],
    ['long, above', `${long}${message.replace(/\r\n\r\n[^]*/, '\r\n')}`, section],
    ['of many fields', `${many}${message.replace(/\r\n\r\n[^]*/, '\r\n')}`, count],
  ])('has its author found, and nothing else examined: %s', async (_, top, overLimit) => {
    await using it = await example([all]);
    expect(await it.send(`${top}\r\nbody\r\n`, { size: 4000 })).toMatch(/^250 /);
    const [found] = it.findings;
    expect(found).toMatchObject({ overLimit, headerFrom: ['a@a.example'], fromFields: 1, unreadFrom: false });
    expect(found).toMatchObject({
      signatures: [],
      unexamined: 1,
      arc: { chain: false, error: { message: overLimit } },
    });
    expect(found?.headers.parsed.map(({ line }) => line.toString())).toEqual(['From: Joe <a@a.example>']);
    expect(found?.bodyHash).toBe(createHash('sha256').update('body\r\n').digest('base64'));
    expect(it.dns.questions).toEqual([]);
  });

  it('has no signature and no chain where there is none', async () => {
    await using it = await example([all]);
    await it.send(`${many}From: a@b.example\r\nX-DKIM-Signature: a\r\nA:\r\n ARC-Seal: b\r\n\r\n`);
    expect(it.findings).toMatchObject([{ overLimit: count, unexamined: 0, arc: { chain: false } }]);
    expect(it.findings[0]?.arc.error).toBeUndefined();
  });

  it.each([
    ['far below', `From: a@b.example\r\n${long}${long}From: c@d.example\r\n\r\n`, 2, false],
    ['in capitals, folded from its colon', `From: a@b.example\r\n${long}FROM \t\r\n : c@d.example\r\n\r\n`, 2, false],
    ['too long to be read', `${many}${over(field + 1, 'From')}\r\n`, 1, true],
    ['as long as it may be', `${many}${over(field, 'From')}\r\n`, 1, false],
    ['behind too many others that count', `${signature('a').repeat(fields + 1)}From: a@b.example\r\n\r\n`, 0, true],
    ['too often', `${'From: a@b.example\r\n'.repeat(fields + 1)}\r\n`, fields, true],
  ])('hides no From: %s', async (_, content, fromFields, unreadFrom) => {
    await using it = await example([all]);
    expect(await it.send(content)).toMatch(/^250 /);
    expect(it.findings).toMatchObject([{ fromFields, unreadFrom }]);
  });

  it('is refused where it is longer than anybody holds', async () => {
    await using it = await example([all]);
    expect(await it.send(`${over(64_000).repeat(5)}From: a@b\r\n\r\n`, { size: 60_000 })).toBe(
      '552 Header section too large to be verified: at most 262144 octets',
    );
  });
});

describe('a field over the limit', () => {
  const { field } = defaultExaminationLimits;

  it('is not examined, if it is a signature; others are', async () => {
    await using it = await example([{ signatures: true }]);
    await it.send(`${over(field + 1, 'DKIM-Signature')}${signature('a')}From: a@b.example\r\n\r\n`);
    expect(it.findings).toMatchObject([{ signatures: [{ selector: 'a' }], unexamined: 1 }]);
  });

  it.each(['ARC-Seal', 'ARC-Message-Signature', 'ARC-Authentication-Results'])(
    'breaks the chain, if it is of one, %s, whatever is left of that',
    async (name) => {
      await using it = await example([{ chain: true }]);
      await it.send(`${over(field + 1, name)}${message}`);
      const error = { message: `${name.toLowerCase()} over ${field} octets` };
      expect(it.findings).toMatchObject([{ arc: { chain: false, error } }]);
      expect(it.dns.questions).toEqual([]);
    },
  );

  it('is an author nobody can name, if it is From', async () => {
    await using it = await example([{}]);
    await it.send(`From: ${'"a" <a@b.example>,\r\n '.repeat(1000)}c@d.example\r\n\r\n`);
    expect(it.findings).toMatchObject([{ headerFrom: [], fromFields: 1, unreadFrom: true }]);
  });
});
