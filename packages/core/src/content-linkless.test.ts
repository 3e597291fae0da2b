import type * as fs from 'node:fs/promises';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { contentOf, elsewhere, message, onDisk } from '../test/content.ts';

/** File systems that have no links, as FAT has none: some say so before they look at the device. */
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof fs>()),
  link: () => Promise.reject(Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' })),
}));

async function placedIn(parent: string): Promise<{ how: string; names: string[]; text: string }> {
  const folder = await mkdtemp(join(parent, 'linkless-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'placed');
  const how = await contentOf(message, 16, (content) => content.place(path));
  return { how, names: await readdir(folder), text: await readFile(path, 'latin1') };
}

describe('content in a file, where there are no links', () => {
  it('is renamed', async () => {
    expect(await placedIn(tmpdir())).toEqual({ how: 'renamed', names: ['placed'], text: message });
  });

  it.skipIf(!onDisk)('is written where that is on another device', async () => {
    expect(await placedIn(elsewhere)).toEqual({ how: 'written', names: ['placed'], text: message });
  });
});
