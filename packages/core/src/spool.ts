import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContentStore, Storage } from './content.ts';

/** Where the default store keeps what it can't keep in memory. */
export interface SpoolOptions {
  /** Octets of a message that stay in memory. Default: 262,144. */
  readonly memory?: number;
  /** The folder for temporary files; on the device of a sink's folder, placing is a rename. Default: the system's. */
  readonly directory?: string;
}

/** Octets gathered before a write, and as many again while it runs: what a large message costs in memory. */
const batch = 256 * 1024;

/**
 * Keeps each message in memory up to a limit and then in a temporary file of a folder of its own, which is removed
 * with the server. A file is removed however its transaction ends.
 */
export function spool({ memory = 256 * 1024, directory = tmpdir() }: SpoolOptions = {}): ContentStore &
  AsyncDisposable {
  let folder: Promise<string> | undefined;
  return {
    open: (id) => new Spooled(memory, async () => join(await (folder ??= mkdtemp(join(directory, 'maitred-'))), id)),
    async [Symbol.asyncDispose]() {
      if (folder) await rm(await folder, { recursive: true, force: true });
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
  readonly #name: () => Promise<string>;
  #held: Buffer[] = [];
  #heldOctets = 0;
  #file: FileHandle | undefined = undefined;
  #writing: Promise<void> | undefined = undefined;
  #failed: unknown = undefined;

  constructor(memory: number, name: () => Promise<string>) {
    this.#memory = memory;
    this.#name = name;
  }

  write(chunk: Buffer): void | Promise<void> {
    // A small view would keep the whole chunk it was cut from alive.
    this.#held.push(chunk.length * 2 < chunk.buffer.byteLength ? Buffer.from(chunk) : chunk);
    this.#heldOctets += chunk.length;
    if (this.#writing === undefined) {
      if (this.#heldOctets > (this.#file ? batch : this.#memory)) this.#start();
    } else if (this.#heldOctets > batch) {
      return this.#settled();
    }
    return undefined;
  }

  finish(): void | Promise<void> {
    return this.#inMemory ? undefined : this.#written();
  }

  async *read(start: number, end = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer, void> {
    if (!this.#file) yield* cut(this.#held, start, end);
    if (!this.#file) return;
    for (let at = start; at < end;) {
      const piece = Buffer.allocUnsafe(Math.min(64 * 1024, end - at));
      const { bytesRead } = await this.#file.read(piece, 0, piece.length, at);
      if (bytesRead === 0) return;
      yield piece.subarray(0, bytesRead);
      at += bytesRead;
    }
  }

  moved(): void {
    this.path = undefined;
  }

  dispose(): void | Promise<void> {
    if (!this.#inMemory) return this.#removed();
    this.#held = [];
    return undefined;
  }

  /** Nothing was ever written, and nothing tried to. */
  get #inMemory(): boolean {
    return this.#file === undefined && this.#writing === undefined && this.#failed === undefined;
  }

  async #written(): Promise<void> {
    await this.#settled();
    if (this.#file && this.#heldOctets > 0) this.#start();
    await this.#settled();
  }

  async #removed(): Promise<void> {
    await this.#writing?.catch(() => {});
    this.#held = [];
    const [file, path] = [this.#file, this.path];
    this.#file = this.path = undefined;
    await file?.close();
    if (path !== undefined) await rm(path, { force: true });
  }

  #start(): void {
    this.#writing = this.#flush().then(
      () => void (this.#writing = undefined),
      (error: unknown) => {
        this.#writing = undefined;
        this.#failed = error ?? new Error('writing failed');
      },
    );
  }

  /** Waits for the write under way; its failure is the next caller's to hear, not an unhandled rejection. */
  async #settled(): Promise<void> {
    await this.#writing;
    if (this.#failed !== undefined) throw this.#failed as Error;
  }

  async #flush(): Promise<void> {
    if (!this.#file) {
      const path = await this.#name();
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

function* cut(pieces: readonly Buffer[], start: number, end: number): Generator<Buffer> {
  let at = 0;
  for (const piece of pieces) {
    const from = Math.max(0, start - at);
    const to = Math.min(piece.length, end - at);
    if (from < to) yield piece.subarray(from, to);
    at += piece.length;
  }
}
