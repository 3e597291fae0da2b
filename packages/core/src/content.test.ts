import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentOf, elsewhere, message, onDisk, places, textOf } from '../test/content.ts';
import type { Content } from './content.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'content-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function streamed(content: Content): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of content.stream()) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('latin1');
}

describe.each(places)('content $where', ({ memory }) => {
  it('is what was received, with the dots taken off', async () => {
    const seen = await contentOf(`${message}.\r\n..\r\n`, memory, async (content) => [
      content.size,
      await textOf(content),
    ]);
    expect(seen).toEqual([message.length + 7, `${message}.\r\n..\r\n`]);
  });

  it('is streamed as often as asked for, also at once, also when one reader gives up', async () => {
    const seen = await contentOf(message, memory, async (content) => {
      content.stream().once('data', function (this: ReturnType<Content['stream']>) {
        this.destroy();
      });
      return [await streamed(content), ...(await Promise.all([streamed(content), streamed(content)]))];
    });
    expect(seen).toEqual([message, message, message]);
  });

  it('may hold any octet', async () => {
    const octets = Buffer.from(Array.from({ length: 256 }, (_, n) => n).filter((n) => n !== 10 && n !== 13));
    const seen = await contentOf(octets.toString('latin1'), memory, streamed);
    expect(Buffer.from(seen, 'latin1').toString()).toBe(`${octets.toString('latin1')}\r\n`);
  });

  it('is not given whole when it is larger than asked for', async () => {
    await expect(contentOf(message, memory, (content) => content.bytes(message.length - 1))).rejects.toMatchObject({
      code: 'MAITRED_CONTENT_TOO_LARGE',
      message: `content of ${message.length} octets was asked for whole, with at most ${message.length - 1}: stream it, or ask for more`,
    });
    expect((await contentOf(message, memory, (content) => content.bytes(message.length))).length).toBe(message.length);
  });

  it('is gone when its transaction has ended', async () => {
    const kept = await contentOf(message, memory, async (content) => content);
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
    const gone = { code: 'MAITRED_CONTENT_GONE', message: expect.stringMatching(/read or place it before/) };
    await expect(kept.bytes(1000)).rejects.toMatchObject(gone);
    await expect(streamed(kept)).rejects.toMatchObject(gone);
    await expect(kept.place(join(folder, 'late'))).rejects.toMatchObject(gone);
    await expect(kept.header.fields()).rejects.toMatchObject(gone);
  });

  it('is placed as it was received', async () => {
    const path = join(folder, 'placed');
    const how = await contentOf(message, memory, (content) => content.place(path));
    expect(how).toBe(memory > message.length ? 'written' : 'renamed');
    expect(await readFile(path, 'latin1')).toBe(message);
    expect((await stat(path)).mode % 0o1000).toBe(0o600);
  });

  it('is placed several times, and can still be read', async () => {
    const paths = ['a', 'b', 'c'].map((name) => join(folder, name));
    const seen = await contentOf(message, memory, async (content) => {
      const how = [];
      for (const path of paths) how.push(await content.place(path));
      return [...how, await textOf(content)];
    });
    expect(seen).toEqual([memory > message.length ? 'written' : 'renamed', 'written', 'written', message]);
    for (const path of paths) expect(await readFile(path, 'latin1')).toBe(message);
  });

  it('is placed with its edits, written once', async () => {
    const path = join(folder, 'placed');
    const how = await contentOf(message, memory, async (content) => {
      content.header.prepend('X-New: yes');
      return content.place(path);
    });
    expect(how).toBe('written');
    expect(await readFile(path, 'latin1')).toBe(`X-New: yes\r\n${message}`);
  });

  it('is not placed where there is no folder, and leaves nothing there', async () => {
    const placing = contentOf(message, memory, (content) => content.place(join(folder, 'missing', 'placed')));
    await expect(placing).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is not placed over what is there when it has to be written', async () => {
    const path = join(folder, 'placed');
    await writeFile(path, 'theirs');
    const placing = contentOf(message, memory, (content) => {
      content.header.prepend('X-New: yes');
      return content.place(path);
    });
    await expect(placing).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(path, 'latin1')).toBe('theirs');
  });
});

it.skipIf(!onDisk)('content in a file is written where that is on another device', async () => {
  const path = join(elsewhere, basename(folder));
  try {
    expect(await contentOf(message, 16, (content) => content.place(path))).toBe('written');
    expect(await readFile(path, 'latin1')).toBe(message);
  } finally {
    await rm(path, { force: true });
  }
});
