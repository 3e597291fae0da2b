import { inMemory } from '@maitred/testing';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lines, mailbox } from '../test/kit.ts';
import type { Content } from './content.ts';
import { ContentStore, spool } from './index.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'content-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Where content lies while it is used. */
const places = [
  { where: 'in memory', memory: 1_000_000 },
  { where: 'in a file', memory: 16 },
];

const message = lines(
  'Subject: one',
  'X-Spam: no',
  ' at all',
  'To: b@mx.example',
  'x-spam: perhaps',
  '',
  'Hello,',
  '',
  'x',
);

/** What `use` makes of the content of a mail that was sent as it stands. */
async function of<T>(sent: string, memory: number, use: (content: Content) => Promise<T>): Promise<T> {
  const { server } = mailbox();
  server.override(ContentStore, spool({ memory, directory: folder }));
  const used = new Promise<T>((resolve, reject) => {
    server.deliver(({ content }) => use(content).then(resolve, reject));
  });
  used.catch(() => {}); // awaited below, when the client has been answered
  const client = await inMemory.open(server);
  await client.hello();
  await client.mail({ content: sent });
  return used;
}

const text = async (content: Content): Promise<string> => (await content.bytes(10_000)).toString('latin1');

async function streamed(content: Content): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of content.stream()) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('latin1');
}

describe.each(places)('content $where', ({ memory }) => {
  it('is what was received, with the dots taken off', async () => {
    const seen = await of(`${message}.\r\n..\r\n`, memory, async (content) => [content.size, await text(content)]);
    expect(seen).toEqual([message.length + 7, `${message}.\r\n..\r\n`]);
  });

  it('is streamed as often as asked for, also at once, also when one reader gives up', async () => {
    const seen = await of(message, memory, async (content) => {
      content.stream().once('data', function (this: ReturnType<Content['stream']>) {
        this.destroy();
      });
      return [await streamed(content), ...(await Promise.all([streamed(content), streamed(content)]))];
    });
    expect(seen).toEqual([message, message, message]);
  });

  it('may hold any octet', async () => {
    const octets = Buffer.from(Array.from({ length: 256 }, (_, n) => n).filter((n) => n !== 10 && n !== 13));
    const seen = await of(octets.toString('latin1'), memory, streamed);
    expect(Buffer.from(seen, 'latin1').toString()).toBe(`${octets.toString('latin1')}\r\n`);
  });

  it('is not given whole when it is larger than asked for', async () => {
    await expect(of(message, memory, (content) => content.bytes(message.length - 1))).rejects.toMatchObject({
      code: 'MAITRED_CONTENT_TOO_LARGE',
      message: `content of ${message.length} octets was asked for whole, with at most ${message.length - 1}: stream it, or ask for more`,
    });
    expect((await of(message, memory, (content) => content.bytes(message.length))).length).toBe(message.length);
  });

  it('is gone when its transaction has ended', async () => {
    const kept = await of(message, memory, async (content) => content);
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
    const gone = { code: 'MAITRED_CONTENT_GONE', message: expect.stringMatching(/read or place it before/) };
    await expect(kept.bytes(1000)).rejects.toMatchObject(gone);
    await expect(streamed(kept)).rejects.toMatchObject(gone);
    await expect(kept.place(join(folder, 'late'))).rejects.toMatchObject(gone);
    await expect(kept.header.fields()).rejects.toMatchObject(gone);
  });

  it('is placed as it was received', async () => {
    const path = join(folder, 'placed');
    const how = await of(message, memory, (content) => content.place(path));
    expect(how).toBe(memory > message.length ? 'written' : 'renamed');
    expect(await readFile(path, 'latin1')).toBe(message);
    expect((await stat(path)).mode % 0o1000).toBe(0o600);
  });

  it('is placed several times, and can still be read', async () => {
    const paths = ['a', 'b', 'c'].map((name) => join(folder, name));
    const seen = await of(message, memory, async (content) => {
      const how = [];
      for (const path of paths) how.push(await content.place(path));
      return [...how, await text(content)];
    });
    expect(seen).toEqual([memory > message.length ? 'written' : 'renamed', 'written', 'written', message]);
    for (const path of paths) expect(await readFile(path, 'latin1')).toBe(message);
  });

  it('is placed with its edits, written once', async () => {
    const path = join(folder, 'placed');
    const how = await of(message, memory, async (content) => {
      content.header.prepend('X-New: yes');
      return content.place(path);
    });
    expect(how).toBe('written');
    expect(await readFile(path, 'latin1')).toBe(`X-New: yes\r\n${message}`);
  });

  it('is not placed where there is no folder, and leaves nothing there', async () => {
    const placing = of(message, memory, (content) => content.place(join(folder, 'missing', 'placed')));
    await expect(placing).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is not placed over what is there when it has to be written', async () => {
    const path = join(folder, 'placed');
    await writeFile(path, 'theirs');
    const placing = of(message, memory, (content) => {
      content.header.prepend('X-New: yes');
      return content.place(path);
    });
    await expect(placing).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(path, 'latin1')).toBe('theirs');
  });
});

describe.each(places)('the header of content $where', ({ memory }) => {
  it('has its fields as they were received, unfolded', async () => {
    const fields = await of(message, memory, (content) => content.header.fields());
    expect(fields).toEqual([
      { name: 'Subject', value: 'one' },
      { name: 'X-Spam', value: 'no at all' },
      { name: 'To', value: 'b@mx.example' },
      { name: 'x-spam', value: 'perhaps' },
    ]);
  });

  it.each(['\r\nHello: you\r\n', 'no field\r\nHello: you\r\n', ''])('has none in %j', async (sent) => {
    expect(await of(sent, memory, (content) => content.header.fields())).toEqual([]);
  });

  it('takes fields on top, the last one topmost', async () => {
    const seen = await of(message, memory, async (content) => {
      content.header.prepend('B: 2');
      content.header.prepend('A: 1\r\n folded\r\n');
      return [await text(content), await streamed(content), content.size];
    });
    const edited = `A: 1\r\n folded\r\nB: 2\r\n${message}`;
    expect(seen).toEqual([edited, edited, message.length]);
  });

  it('loses the fields that match, and nothing else of it changes', async () => {
    const seen = await of(message, memory, async (content) => {
      content.header.remove((name) => name.toLowerCase() === 'x-spam');
      content.header.remove((_, value) => value === 'one');
      content.header.prepend('X-Spam: mine');
      return [await text(content), (await content.header.fields()).length];
    });
    expect(seen).toEqual([lines('X-Spam: mine', 'To: b@mx.example', '', 'Hello,', '', 'x'), 4]);
  });

  it('may lose all its fields', async () => {
    const seen = await of(message, memory, async (content) => {
      content.header.remove(() => true);
      return text(content);
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
    const prepending = of(message, memory, async (content) => content.header.prepend(field));
    await expect(prepending).rejects.toThrow(/^not one header field: /);
  });
});
