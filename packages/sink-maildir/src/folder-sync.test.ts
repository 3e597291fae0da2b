import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { FolderSync, syncFolder } from './folder-sync.ts';

/** Syncs that end when told. */
function syncs(): {
  readonly begun: string[];
  readonly sync: FolderSync;
  readonly end: (error?: Error) => Promise<void>;
} {
  const begun: string[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const sync = new FolderSync((path) => {
    begun.push(path);
    return new Promise((resolve, reject) => ends.push((error) => (error ? reject(error) : resolve())));
  });
  const end = async (error?: Error): Promise<void> => {
    ends.shift()?.(error);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { begun, sync, end };
}

describe('FolderSync', () => {
  it('shares a sync among those who came before it began, and with nobody else', async () => {
    const { begun, sync, end } = syncs();
    const done: string[] = [];
    const note = (who: string): void => void sync.sync('new').then(() => done.push(who));
    note('first');
    note('second');
    note('third');
    expect(begun).toEqual(['new']);
    await end();
    expect(done).toEqual(['first']);
    expect(begun).toEqual(['new', 'new']);
    note('fourth');
    await end();
    expect(done).toEqual(['first', 'second', 'third']);
    await end();
    expect(done).toEqual(['first', 'second', 'third', 'fourth']);
    expect(begun).toHaveLength(3);
  });

  it('keeps folders apart', () => {
    const { begun, sync } = syncs();
    void sync.sync('one');
    void sync.sync('other');
    expect(begun).toEqual(['one', 'other']);
  });

  it('tells those who shared a sync that it failed, and tries again for the next', async () => {
    const { sync, end } = syncs();
    const [first, second, third] = [sync.sync('new'), sync.sync('new'), sync.sync('new')];
    const failed = [first, second, third].map((each) =>
      each.then(
        () => 'done',
        (error: Error) => error.message,
      ),
    );
    await end(new Error('disk'));
    await end();
    expect(await Promise.all(failed)).toEqual(['disk', 'done', 'done']);
    const last = sync.sync('new');
    await end();
    await expect(last).resolves.toBeUndefined();
  });
});

describe('syncFolder', () => {
  it('syncs a folder, and rejects where there is none', async () => {
    await syncFolder(tmpdir());
    await expect(syncFolder('/none/such')).rejects.toThrow('ENOENT');
  });
});
