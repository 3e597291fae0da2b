import { chmod, mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folder as scratch } from '../test/receiver.ts';
import { Folder } from './folder.ts';
import { FolderSync } from './folder-sync.ts';

const hours = (of: number): number => of * 3_600_000;
const now = Date.UTC(2026, 0, 10);

function folder(path: string): Folder {
  return new Folder(path, new FolderSync());
}

describe('create', () => {
  it('makes what is missing, for nobody else to read', async () => {
    const path = join(scratch(), 'a', 'b');
    await folder(path).create();
    expect((await readdir(path)).toSorted()).toEqual(['cur', 'new', 'tmp']);
    for (const each of ['..', '.', 'cur', 'new', 'tmp'])
      expect((await stat(join(path, each))).mode & 0o777).toBe(0o700);
  });

  it('leaves what is there', async () => {
    const path = scratch();
    await mkdir(join(path, 'new'));
    await chmod(join(path, 'new'), 0o750);
    await folder(path).create();
    await folder(path).create();
    expect((await stat(join(path, 'new'))).mode & 0o777).toBe(0o750);
  });
});

describe('within', () => {
  it('makes the folders when they are missed, and tries again once', async () => {
    const it = folder(join(scratch(), 'mailbox'));
    await it.within(() => writeFile(it.temporary('a'), ''));
    expect(await readdir(join(it.path, 'tmp'))).toEqual(['a']);
    let tries = 0;
    const never = (): Promise<void> => {
      tries += 1;
      return writeFile('/none/such', '');
    };
    await expect(it.within(never)).rejects.toThrow('ENOENT');
    expect(tries).toBe(2);
  });

  it('has nothing to do with other failures', async () => {
    const it = folder(join(scratch(), 'mailbox'));
    await expect(it.within(() => Promise.reject(new Error('other')))).rejects.toThrow('other');
    await expect(stat(it.path)).rejects.toThrow('ENOENT');
  });
});

describe('show', () => {
  it('moves a message from tmp to new', async () => {
    const it = folder(scratch());
    await it.create();
    await writeFile(it.temporary('a'), 'message');
    await it.show('a');
    expect(await readdir(join(it.path, 'tmp'))).toEqual([]);
    expect(await readdir(join(it.path, 'new'))).toEqual(['a']);
  });
});

describe('remove', () => {
  it('takes a message away wherever it is', async () => {
    const it = folder(scratch());
    await it.create();
    await writeFile(it.temporary('a'), '');
    await writeFile(join(it.path, 'new', 'b'), '');
    for (const name of ['a', 'b', 'c']) await it.remove(name);
    expect([await readdir(join(it.path, 'tmp')), await readdir(join(it.path, 'new'))]).toEqual([[], []]);
  });
});

describe('sweep', () => {
  it('throws away what nobody has touched for 36 hours, in tmp alone', async () => {
    const it = folder(scratch());
    await it.create();
    const lie = async (path: string, read: number, written: number): Promise<void> => {
      await writeFile(path, '');
      await utimes(path, (now - read) / 1000, (now - written) / 1000);
    };
    await lie(it.temporary('old'), hours(37), hours(40));
    await lie(it.temporary('young'), hours(35), hours(35));
    await lie(it.temporary('read'), hours(1), hours(40));
    await lie(join(it.path, 'new', 'kept'), hours(1000), hours(1000));
    await it.sweep(now);
    expect((await readdir(join(it.path, 'tmp'))).toSorted()).toEqual(['read', 'young']);
    expect(await readdir(join(it.path, 'new'))).toEqual(['kept']);
  });

  it('finds nothing where there is no Maildir', async () => {
    await expect(folder(join(scratch(), 'none')).sweep(now)).resolves.toBeUndefined();
  });

  it('leaves folders that lie there', async () => {
    const it = folder(scratch());
    await mkdir(join(it.path, 'tmp', 'folder'), { recursive: true });
    await utimes(join(it.path, 'tmp', 'folder'), 1, 1);
    await it.sweep(now);
    expect(await readdir(join(it.path, 'tmp'))).toEqual(['folder']);
  });
});
