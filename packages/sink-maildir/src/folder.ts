import { mkdir, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder, type FolderSync } from './folder-sync.ts';

/** How long a file in tmp may lie unread before it counts as forgotten: 36 hours, in milliseconds. */
const forgotten = 36 * 60 * 60 * 1000;

/** One Maildir: what is in `new` is whole, what is in `tmp` may not be. */
export class Folder {
  readonly path: string;
  readonly #syncs: FolderSync;

  constructor(path: string, syncs: FolderSync) {
    this.path = path;
    this.#syncs = syncs;
  }

  /** Where a message is made. */
  temporary(name: string): string {
    return join(this.path, 'tmp', name);
  }

  /** Shows a message that was made to whoever reads this Maildir. It stays shown when the machine stops. */
  async show(name: string): Promise<void> {
    const shown = join(this.path, 'new');
    await rename(this.temporary(name), join(shown, name));
    await this.#syncs.sync(shown);
  }

  /** Takes a message away again, wherever it is. */
  async remove(name: string): Promise<void> {
    const places = [this.temporary(name), join(this.path, 'new', name)];
    await Promise.all(places.map((path) => unlink(path).catch(missing)));
  }

  /** Runs what needs the folders; makes them when it misses them, so that a mailbox begins with its first message. */
  async within<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      await this.create();
      return act();
    }
  }

  /** Makes the folders that are missing, for nobody else to read. */
  async create(): Promise<void> {
    const first = await mkdir(this.path, { recursive: true, mode: 0o700 });
    for (const part of ['tmp', 'new', 'cur']) await mkdir(join(this.path, part), { recursive: true, mode: 0o700 });
    await syncFolder(this.path);
    // A folder is an entry of the one above it.
    if (first !== undefined)
      for (let at = this.path; at !== dirname(first); at = dirname(at)) await syncFolder(dirname(at));
  }

  /** Throws away what was begun and never finished; `now`: milliseconds since 1970. */
  async sweep(now: number): Promise<void> {
    const names = await readdir(join(this.path, 'tmp')).catch(missing);
    for (const name of names ?? []) {
      const path = this.temporary(name);
      // Another process may sweep, or finish, meanwhile.
      const found = await stat(path).catch(missing);
      if (!found?.isFile() || Math.max(found.atimeMs, found.mtimeMs) >= now - forgotten) continue;
      await unlink(path).catch(missing);
    }
  }
}

/** What is not there need not be taken away. */
function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}
