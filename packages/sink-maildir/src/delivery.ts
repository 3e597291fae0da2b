import { link } from 'node:fs/promises';
import {
  Clock,
  Log,
  Texts,
  type CopyEdits,
  type Message,
  type Outcome,
  type Recipient,
  type Reply,
  type Sink,
} from '@maitred/core';
import type { Folder } from './folder.ts';
import { failureOf, isFull, storageFull } from './storage-full.ts';
import { uniqueName } from './unique-name.ts';

/** What one mailbox gets. */
export interface Copy {
  readonly folder: Folder;
  readonly recipients: readonly Recipient[];
  /** What this copy says that others don't. */
  readonly edits: CopyEdits;
}

/** Systems, or devices below one root, that have no links: there each mailbox gets a file of its own. */
const noLink: ReadonlySet<string | undefined> = new Set([
  'EXDEV',
  'EPERM',
  'EMLINK',
  'ENOSYS',
  'ENOTSUP',
  'EOPNOTSUPP',
]);

/** One message on its way into Maildirs: made in each `tmp`, synced, then shown in each `new`. */
export class Delivery implements Sink {
  readonly recipients: readonly Recipient[];
  readonly #message: Message;
  readonly #copies: readonly Copy[];
  readonly #linked: boolean;
  readonly #name: string;
  #making: Promise<void> | undefined = undefined;

  /** `linked`: the copies are equal, and one file serves them all. */
  constructor(message: Message, copies: readonly Copy[], linked: boolean) {
    this.recipients = copies.flatMap((copy) => copy.recipients);
    this.#message = message;
    this.#copies = copies;
    this.#linked = linked;
    this.#name = uniqueName(message.inject(Clock).now());
  }

  async prepare(signal: AbortSignal): Promise<void> {
    this.#making = this.#make(signal).finally(() => (this.#making = undefined));
    try {
      await this.#making;
    } catch (error) {
      if (isFull(error)) this.#log(error, 'no room for a message');
      throw failureOf(error);
    }
  }

  async commit(): Promise<readonly Outcome[]> {
    const outcomes = await Promise.all(
      this.#copies.map(async ({ folder, recipients }) => {
        const reply = await this.#show(folder);
        return recipients.map((recipient) => ({ recipient, reply }));
      }),
    );
    return outcomes.flat();
  }

  async rollback(): Promise<void> {
    const remove = (): Promise<unknown> => Promise.all(this.#copies.map(({ folder }) => folder.remove(this.#name)));
    if (!this.#making) return void (await remove());
    // Given up on, it's still at work: what it makes would lie there, and the client shall not wait for it any longer.
    this.#making.then(remove, remove).catch((error: unknown) => this.#log(error, 'a message could not be taken back'));
  }

  async #make(signal: AbortSignal): Promise<void> {
    const { content } = this.#message;
    const [first, ...others] = this.#copies;
    if (!first) return;
    const placed = first.folder.temporary(this.#name);
    await first.folder.within(() => content.place(placed, first.edits));
    for (const { folder, edits } of others) {
      signal.throwIfAborted();
      const path = folder.temporary(this.#name);
      await folder.within(async () => {
        if (!this.#linked || !(await linkedTo(placed, path))) await content.place(path, edits);
      });
    }
  }

  async #show(folder: Folder): Promise<Reply> {
    try {
      await folder.show(this.#name);
      return this.#message.inject(Texts).accepted(this.#message);
    } catch (error) {
      this.#log(error, `a message could not be shown in ${folder.path}`);
      // The client sends again: what may have come halfway would be there twice.
      await folder.remove(this.#name).catch((cause: unknown) => this.#log(cause, 'nor taken back'));
      return isFull(error) ? storageFull : this.#message.inject(Texts).unavailable();
    }
  }

  #log(err: unknown, what: string): void {
    this.#message.inject(Log).error({ id: this.#message.id, err }, what);
  }
}

/** False where there are no links. */
async function linkedTo(placed: string, path: string): Promise<boolean> {
  try {
    await link(placed, path);
    return true;
  } catch (error) {
    if (noLink.has((error as NodeJS.ErrnoException).code)) return false;
    throw error;
  }
}
