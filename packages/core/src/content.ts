import { link, open, rename, unlink, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { Fault } from './errors.ts';
import { token, type Token } from './services.ts';
import type { Awaitable } from './awaitable.ts';
import { fields } from './wire/header.ts';

/** Where the octets of one message go while they arrive. Written once, read many times. */
export interface Storage {
  /** Takes a piece; wait for the promise, if there is one, before the next. */
  write(chunk: Buffer): Awaitable<void>;
  /** Everything was written. */
  finish(): Awaitable<void>;
  /** The octets from `start` up to `end`, in pieces. */
  read(start: number, end?: number): AsyncIterable<Buffer> | Iterable<Buffer>;
  /** The file it lies in, when placing the message may rename it. */
  readonly path: string | undefined;
  /** The file was renamed: it is somebody else's now, though still readable here. */
  moved(): void;
  /** Frees everything; nothing stays behind. */
  dispose(): Awaitable<void>;
}

/** Makes a storage per message. Default: memory up to 256 KiB, then a temporary file. */
export interface ContentStore {
  open(id: string): Storage;
}

/** The store behind every message's content. */
export const ContentStore: Token<ContentStore> = token('content store');

/** A header field as it was received. */
export interface Field {
  readonly name: string;
  /** Unfolded, without the name. */
  readonly value: string;
}

/**
 * Edits of the header: a list over untouched octets, seen by whoever reads after. Where a line that is no field ends the
 * header, an edited message has the empty line in front of it that it should have had (RFC 5322 2.1).
 */
export interface HeaderEdits {
  /** Puts a field on top: `Name: value`, folded with CRLF as it should be read; the last one prepended is topmost. */
  prepend(field: string): void;
  /** Drops the received fields that match; `prepend`ed ones stay. */
  remove(match: (name: string, value: string) => boolean): void;
  /** The fields as they were received, top first. */
  fields(): Promise<readonly Field[]>;
}

/** Edits of one copy: what another reader of the same message does not see. */
export interface CopyEdits {
  /** Fields on top of this copy, in the order they should be read: `Return-Path` is its last recipient's alone. */
  readonly prepend?: readonly string[];
  /** Drops received fields from this copy. */
  readonly remove?: (name: string, value: string) => boolean;
}

/** What was received: re-readable, streamable, placeable. Void once its transaction ended. */
export class Content {
  /** Octets received, dot-stuffing removed, edits not counted. */
  readonly size: number;
  readonly header: HeaderEdits;
  readonly #id: string;
  readonly #storage: Storage;
  readonly #headerEnd: number;
  readonly #separated: boolean;
  readonly #prepended: string[] = [];
  readonly #removals: ((name: string, value: string) => boolean)[] = [];
  #gone = false;

  /** The header section ends, and what follows begins, at `end`; its fields end at `octets`, in front of an empty line. */
  constructor(id: string, storage: Storage, size: number, { end, octets }: { end: number; octets: number }) {
    this.#id = id;
    this.#storage = storage;
    this.size = size;
    this.#headerEnd = end;
    this.#separated = end > octets || end === size;
    this.header = {
      prepend: (field) => void this.#prepended.unshift(oneField(field)),
      remove: (match) => void this.#removals.push(match),
      fields: async () => Array.from(fields(await this.#header()), ({ name, value }) => ({ name, value })),
    };
  }

  /** The message with its edits and those of this copy, from the start, as often as asked for. */
  stream(edits?: CopyEdits): Readable {
    return Readable.from(this.#pieces(edits), { objectMode: false });
  }

  /** The whole message in memory. Rejects, naming both sizes, when it is larger than `maximum` octets. */
  async bytes(maximum: number): Promise<Buffer> {
    if (this.size > maximum) throw new Fault('CONTENT_TOO_LARGE', [String(this.size), String(maximum)]);
    return joined(this.#pieces());
  }

  /**
   * Puts the message at `path`, which must not exist, and syncs it to the disk (the folder is yours to sync). A rename,
   * when nothing was edited and the device is the same; otherwise header and rest are written once. What was written
   * stays where it is when writing fails: unlink it.
   */
  async place(path: string, edits: CopyEdits = {}): Promise<'renamed' | 'written'> {
    const from = this.#live().path;
    const { prepend = [], remove } = edits;
    const edited = this.#prepended.length + this.#removals.length + prepend.length > 0 || remove !== undefined;
    if (from !== undefined && !edited) {
      // First: after a crash there must be no name without its content.
      await synced(from);
      if (await moved(from, path)) {
        this.#storage.moved();
        return 'renamed';
      }
    }
    await writeFile(path, this.#pieces(edits), { flag: 'wx', mode: 0o600, flush: true });
    return 'written';
  }

  /** Core's: the transaction is over. */
  dispose(): Awaitable<void> {
    this.#gone = true;
    return this.#storage.dispose();
  }

  #live(): Storage {
    if (this.#gone) throw new Fault('CONTENT_GONE', [this.#id]);
    return this.#storage;
  }

  #header(): Promise<Buffer> {
    return joined(this.#live().read(0, this.#headerEnd));
  }

  async *#pieces({ prepend = [], remove }: CopyEdits = {}): AsyncGenerator<Buffer> {
    const top = [...prepend.map(oneField), ...this.#prepended];
    const removals = remove ? [...this.#removals, remove] : this.#removals;
    if (top.length > 0) yield Buffer.from(top.join(''));
    if (removals.length === 0 && (this.#separated || top.length === 0)) {
      yield* this.#live().read(0);
      return;
    }
    const header = await this.#header();
    let kept = 0;
    for (const field of fields(header)) {
      if (!removals.some((match) => match(field.name, field.value))) continue;
      yield header.subarray(kept, field.start);
      kept = field.end;
    }
    yield header.subarray(kept);
    // Else a first line of white space would be a fold of our own last field, and what is behind a line that is no field,
    // which nobody removes, be a field to those who skip such a line.
    if (!this.#separated) yield Buffer.from('\r\n');
    yield* this.#live().read(this.#headerEnd);
  }
}

async function joined(pieces: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return all.length === 1 && all[0] ? all[0] : Buffer.concat(all);
}

/** One field, whole: a caller's text must not end the header or start another field. */
function oneField(field: string): string {
  if (canonical.test(field)) return field.endsWith('\r\n') ? field : `${field}\r\n`;
  const withCrlf = field.replace(/\r?\n/g, '\r\n');
  if (withCrlf === field) throw new RangeError(`not one header field: ${JSON.stringify(field.slice(0, 60))}`);
  return oneField(withCrlf);
}

/** No control but TAB, folds with CRLF. */
const canonical = /^[!-9;-~]+:[^\0-\x08\n-\x1f\x7f]*(?:\r\n[ \t]+[^\0- \x7f][^\0-\x08\n-\x1f\x7f]*)*(?:\r\n)?$/;

/** A rename that replaces nothing, where the file system has links; false where `path` is on another device. */
async function moved(from: string, path: string): Promise<boolean> {
  try {
    await link(from, path).then(
      () => unlink(from),
      (error: NodeJS.ErrnoException) => (error.code === 'EEXIST' ? Promise.reject(error) : rename(from, path)),
    );
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EXDEV') return false;
    throw error;
  }
}

async function synced(path: string): Promise<void> {
  const file = await open(path);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
