import { fc } from '@fast-check/vitest';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentOf, message, places, textOf } from './content.ts';
import { lines } from './kit.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'content-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe.each(places)('the header of content $where', ({ memory }) => {
  it('has its fields as they were received, unfolded', async () => {
    const fields = await contentOf(message, memory, (content) => content.header.fields());
    expect(fields).toEqual([
      { name: 'Subject', value: 'one' },
      { name: 'X-Spam', value: 'no at all' },
      { name: 'To', value: 'b@mx.example' },
      { name: 'x-spam', value: 'perhaps' },
    ]);
  });

  it.each(['\r\nHello: you\r\n', 'no field\r\nHello: you\r\n', ''])('has none in %j', async (sent) => {
    expect(await contentOf(sent, memory, (content) => content.header.fields())).toEqual([]);
  });

  it('takes fields on top, the last one topmost', async () => {
    const seen = await contentOf(message, memory, async (content) => {
      content.header.prepend('B: 2');
      content.header.prepend('A: 1\r\n folded\r\n');
      return [await textOf(content), content.size];
    });
    const edited = `A: 1\r\n folded\r\nB: 2\r\n${message}`;
    expect(seen).toEqual([edited, message.length]);
  });

  it('loses the fields that match, and nothing else of it changes', async () => {
    const seen = await contentOf(message, memory, async (content) => {
      content.header.remove((name) => name.toLowerCase() === 'x-spam');
      content.header.remove((_, value) => value === 'one');
      content.header.prepend('X-Spam: mine');
      return [await textOf(content), (await content.header.fields()).length];
    });
    expect(seen).toEqual([lines('X-Spam: mine', 'To: b@mx.example', '', 'Hello,', '', 'x'), 4]);
  });

  it('may lose all its fields', async () => {
    const seen = await contentOf(message, memory, async (content) => {
      content.header.remove(() => true);
      return textOf(content);
    });
    expect(seen).toBe(lines('', 'Hello,', '', 'x'));
  });

  it.each([
    'no field',
    'X: a\r\n\r\nbody',
    'X: a\r\nY: b',
    'X: a\nY: b',
    'X: a\rY: b',
    'X: a\r\n \r\n',
    'X: a\r\n\r\n',
    'X: a\0',
    'X: a\u007f',
    'X y: a',
    ' X: a',
    ': a',
    '',
    'Ü: a',
  ])('takes no field that is none, or more than one: %j', async (field) => {
    const prepending = contentOf(message, memory, async (content) => content.header.prepend(field));
    await expect(prepending).rejects.toThrow(/^not one header field: /);
  });
});

describe('a field that is prepended', () => {
  it('is one field, whatever text it is made of', async () => {
    const pieces = fc.constantFrom('X', ':', ' ', '\t', '\r', '\n', '\r\n', '\r\n ', '\0', '\x7f', 'ü', '\u2028', 'a');
    const texts = fc.sample(fc.array(pieces, { maxLength: 12 }), 3000).map((text) => `X:${text.join('')}`);
    const taken: string[] = [];
    const seen = await contentOf(message, 10_000, async (content) => {
      for (const text of texts) {
        try {
          content.header.prepend(text);
          taken.push(text);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }
      return (await content.bytes(10_000)).toString();
    });
    const fields = seen.slice(0, -message.length);
    expect(taken.length).toBeGreaterThan(100);
    expect(fields).not.toMatch(/\r(?!\n)|(?<!\r)\n|[\0\x7f]|\r\n[ \t]*\r\n/);
    expect(fields.split(/\r\n(?![ \t])/).slice(0, -1)).toHaveLength(taken.length);
  });
});

describe.each(places)('a copy of content $where', ({ memory }) => {
  it('has its own edits above those of the message, which another copy does not see', async () => {
    const edits = { prepend: ['Return-Path: <>', 'Delivered-To: b'], remove: (name: string) => name === 'To' };
    const paths = ['edited', 'plain'].map((name) => join(folder, name));
    const seen = await contentOf(lines('To: b', 'Subject: one', ''), memory, async (content) => {
      content.header.prepend('X-Spam: no');
      content.header.remove((name) => name === 'Subject');
      const how = [await content.place(paths[0]!, edits), await content.place(paths[1]!)];
      const pieces = [];
      for await (const piece of content.stream(edits)) pieces.push(piece as Buffer);
      return [...how, Buffer.concat(pieces).toString(), await textOf(content)];
    });
    const edited = lines('Return-Path: <>', 'Delivered-To: b', 'X-Spam: no', '');
    const plain = lines('X-Spam: no', 'To: b', '');
    expect(seen).toEqual(['written', 'written', edited, plain]);
    expect([await readFile(paths[0]!, 'utf8'), await readFile(paths[1]!, 'utf8')]).toEqual([edited, plain]);
  });

  it('that was edited leaves the rename to the next', async () => {
    const how = await contentOf(message, memory, async (content) => [
      await content.place(join(folder, 'edited'), { prepend: ['Delivered-To: b'] }),
      await content.place(join(folder, 'plain')),
    ]);
    expect(how).toEqual(['written', memory > message.length ? 'written' : 'renamed']);
  });

  it('takes no field that is none', async () => {
    const placing = contentOf(message, memory, (content) =>
      content.place(join(folder, 'bad'), { prepend: ['X: a\r\n\r\nb'] }),
    );
    await expect(placing).rejects.toThrow(/^not one header field: /);
  });
});

describe('content without an empty line behind its header', () => {
  it.each([
    [' of ours; a=b\r\nB: c\r\n', '', ' of ours; a=b\r\nB: c\r\n'],
    ['From joe Mon\r\nX-Spam: no\r\n\r\nbody\r\n', '', 'From joe Mon\r\nX-Spam: no\r\n\r\nbody\r\n'],
    ['A: b\r\nno field\r\nX-Spam: no\r\n', 'A: b\r\n', 'no field\r\nX-Spam: no\r\n'],
    ['X-Spam: no\r\nno field\r\nX-Spam: no\r\n', '', 'no field\r\nX-Spam: no\r\n'],
  ])('is given one, once it is edited: %j', async (sent, header, body) => {
    const edited = await contentOf(sent, 10_000, async (content) => {
      const untouched = await textOf(content);
      content.header.remove((name) => name === 'X-Spam');
      const removed = await textOf(content);
      content.header.prepend('X-Ours: yes');
      return [untouched, removed, await textOf(content)];
    });
    expect(edited).toEqual([sent, `${header}\r\n${body}`, `X-Ours: yes\r\n${header}\r\n${body}`]);
    const prepended = await contentOf(sent, 10_000, async (content) => {
      content.header.prepend('X-Ours: yes');
      return textOf(content);
    });
    expect(prepended).toMatch(/\r\n\r\n(?: of ours|From joe|no field)/);
  });

  it('needs none where nothing follows', async () => {
    const edited = await contentOf('A: b\r\nC: d\r\n', 10_000, async (content) => {
      content.header.prepend('X-Ours: yes');
      return textOf(content);
    });
    expect(edited).toBe('X-Ours: yes\r\nA: b\r\nC: d\r\n');
  });
});
