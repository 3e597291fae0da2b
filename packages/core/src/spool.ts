import { randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Awaitable } from './awaitable.ts';
import type { ContentStore, Storage } from './content.ts';

/** Where the default store keeps what it can't keep in memory. */
export interface SpoolOptions {
  /** Octets of a message that stay in memory. Default: 262,144. */
  readonly memory?: number;
  /** The folder of the temporary files; on the device of a sink's folder, placing is a rename. Default: the system's. */
  readonly directory?: string;
}

/** Octets gathered before a write, and as many again while it runs: what a large message costs in memory. */
const batch = 256 * 1024;

/**
 * Keeps each message in memory up to a limit and then in a temporary file, which is removed however its transaction ends;
 * what is left goes with the server.
 */
export function spool({ memory = 256 * 1024, directory = tmpdir() }: SpoolOptions = {}): ContentStore &
  AsyncDisposable {
  const files = new Set<Spooled>();
  return {
    open: () => new Spooled(memory, directory, files),
    async [Symbol.asyncDispose]() {
      for (const file of files) await file.dispose();
    },
  };
}

/** Keeps nothing: for applications whose taps see all they need, and for measuring. */
export const discarding: ContentStore = {
  open: () => ({ write() {}, finish() {}, read: () => [], path: undefined, moved() {}, dispose() {} }),
};

class Spooled implements Storage {
  path: string | undefined = undefined;
  readonly #memory: number;
  readonly #directory: string;
  /** All that have a file. */
  readonly #files: Set<Spooled>;
  #held: Buffer[] = [];
  #heldOctets = 0;
  #file: FileHandle | undefined = undefined;
  /** All writes so far, one after the other and none after one that failed; undefined while all is in memory. */
  #written: Promise<void> | undefined = undefined;
  #removing: Promise<void> | undefined = undefined;

  constructor(memory: number, directory: string, files: Set<Spooled>) {
    this.#memory = memory;
    this.#directory = directory;
    this.#files = files;
  }

  write(chunk: Buffer): Awaitable<void> {
    // A small view would keep the whole chunk it was cut from alive.
    this.#held.push(chunk.length * 2 < chunk.buffer.byteLength ? Buffer.from(chunk) : chunk);
    this.#heldOctets += chunk.length;
    if (this.#heldOctets <= (this.#written ? batch : this.#memory)) return undefined;
    // What is held waits for the write before it, and so does the client.
    const before = this.#written;
    this.#flush();
    return before;
  }

  finish(): Awaitable<void> {
    if (this.#written && this.#heldOctets > 0) this.#flush();
    return this.#written;
  }

  read(start: number, end = Number.POSITIVE_INFINITY): AsyncIterable<Buffer> | Iterable<Buffer> {
    return this.#file ? stored(this.#file, start, end) : cut(this.#held, start, end);
  }

  moved(): void {
    this.path = undefined;
  }

  dispose(): Awaitable<void> {
    if (this.#written) return (this.#removing ??= this.#remove(this.#written));
    this.#held = [];
    return undefined;
  }

  async #remove(written: Promise<void>): Promise<void> {
    await written.catch(() => {});
    this.#held = [];
    const [file, path] = [this.#file, this.path];
    this.#file = this.path = undefined;
    await file?.close();
    if (path !== undefined) await rm(path, { force: true });
    this.#files.delete(this);
  }

  #flush(): void {
    this.#files.add(this);
    this.#written = this.#append(this.#written);
    // A failure is the next caller's to hear, not an unhandled rejection.
    this.#written.catch(() => {});
  }

  async #append(before: Promise<void> | undefined): Promise<void> {
    await before;
    if (!this.#file) {
      // A name that nobody guesses, and no folder of our own: a cleaner of temporary files would take that away.
      const path = join(this.#directory, `maitred-${randomUUID()}`);
      this.#file = await open(path, 'wx+', 0o600);
      this.path = path;
    }
    const [pieces, octets] = [this.#held, this.#heldOctets];
    this.#held = [];
    this.#heldOctets = 0;
    const { bytesWritten } = await this.#file.writev(pieces);
    // A disk that is nearly full takes what still fits: the next write says why no more does.
    if (bytesWritten < octets) await this.#file.appendFile(Buffer.concat(pieces).subarray(bytesWritten));
  }
}

async function* stored(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end;) {
    const piece = Buffer.allocUnsafe(Math.min(64 * 1024, end - at));
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    if (bytesRead === 0) return;
    yield piece.subarray(0, bytesRead);
    at += bytesRead;
  }
}

function* cut(pieces: readonly Buffer[], start: number, end: number): Generator<Buffer> {
  let at = 0;
  for (const piece of pieces) {
    const from = Math.max(0, start - at);
    const to = Math.min(piece.length, end - at);
    if (from < to) yield piece.subarray(from, to);
    at += piece.length;
  }
}
