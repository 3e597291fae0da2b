import { open } from 'node:fs/promises';

interface Running {
  readonly done: Promise<void>;
  next: Promise<void> | undefined;
}

/**
 * Makes durable what was renamed into a folder before the call. Calls that come while a sync runs share the next one: it
 * may have missed what they renamed, and one more covers them all.
 */
export class FolderSync {
  readonly #sync: (path: string) => Promise<void>;
  readonly #running = new Map<string, Running>();

  constructor(sync: (path: string) => Promise<void> = syncFolder) {
    this.#sync = sync;
  }

  sync(path: string): Promise<void> {
    const running = this.#running.get(path);
    if (!running) return this.#start(path);
    const start = (): Promise<void> => this.#start(path);
    return (running.next ??= running.done.then(start, start));
  }

  #start(path: string): Promise<void> {
    const done = this.#sync(path).finally(() => {
      if (this.#running.get(path) === running) this.#running.delete(path);
    });
    const running: Running = { done, next: undefined };
    this.#running.set(path, running);
    return done;
  }
}

/** Syncs a folder's entries to the disk. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
