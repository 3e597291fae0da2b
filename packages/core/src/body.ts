import type { Connection } from './connection.ts';
import { Fault } from './errors.ts';
import { atOnce, failure, tell, tooLate } from './failure.ts';
import { Content, type Storage } from './content.ts';
import type { Body, BodyKind } from './context.ts';
import type { Limits } from './limits.ts';
import type { Tap } from './plugin.ts';
import type { Owned } from './registry.ts';
import { replies } from './replies.ts';
import { core, Scope, type Owner } from './scope.ts';
import { isPending, type Awaitable } from './awaitable.ts';
import type { TransactionState } from './state.ts';
import { CanonicalText } from './wire/canonical.ts';
import { View } from './view.ts';
import { HeaderScanner } from './wire/header.ts';
import type { Reply } from './wire/reply.ts';

/** What a body stands on, beside its transaction. */
export interface Ground {
  readonly client: Connection;
  readonly storage: Storage;
  readonly limits: Limits;
  /** What becomes of a bare CR or LF; undefined where there can be none, or may be. */
  readonly bareLineEndings: 'refuse' | 'convert' | undefined;
  /** From the last octet to the final reply. */
  conclude(seal: () => void): Awaitable<Reply>;
  /** The final reply of a refused message. */
  refuse(reply: Reply): Reply;
  /** The transaction is over, whatever became of it. */
  over(): void;
}

/** The reply to text with a bare CR or LF, kept or sent on as it is: the first half of SMTP smuggling. */
export const bareLineEnding: Reply = replies.of(554, '5.6.0', 'Bare CR or LF in the message: lines end with CR LF');

const aborted = replies.of(451, '4.3.0', 'Requested action aborted');

/** What a tap or the storage wants to be waited for. */
interface Wait {
  readonly owner: Owner;
  readonly done: Promise<void>;
}

/** The pump: one producer, many taps, backpressure, refusal, drain. */
export class OpenBody implements Body {
  readonly kind: BodyKind;
  /** A commit began: the final reply stands whatever a ring says. */
  sealed = false;
  /** The final reply, once it was given. */
  told: Reply | undefined = undefined;
  readonly #ground: Ground;
  readonly #transaction: TransactionState;
  readonly #header = new HeaderScanner();
  readonly #text: CanonicalText | undefined;
  #taps: readonly Owned<Tap>[] = [];
  #size = 0;
  #line = 0;
  #refused: Reply | undefined = undefined;
  #ending: Promise<Reply> | undefined = undefined;
  /** The content is the sinks' from here on: to free it would have them keep another. */
  #concluding = false;
  #drain = Number.POSITIVE_INFINITY;

  constructor(kind: BodyKind, transaction: TransactionState, ground: Ground) {
    this.kind = kind;
    this.#transaction = transaction;
    this.#ground = ground;
    this.#text = ground.bareLineEndings && new CanonicalText(ground.bareLineEndings);
  }

  get refused(): Reply | undefined {
    return this.#refused;
  }

  /** Asks the `body` hooks for their taps, until one of them refuses. */
  attach(): void {
    const { client } = this.#ground;
    const refuse = (reply: Reply, drain?: number): void => this.refuse(reply, drain);
    const scope = new Scope(client, 'body', { transaction: this.#transaction, refuse });
    for (const { owner, it } of client.house.registry.collected.body) {
      if (this.#refused) return;
      try {
        const tap = atOnce(it(new View(scope, owner)), owner, 'body');
        if (tap) this.#taps = [...this.#taps, { owner, it: tap }];
      } catch (error) {
        this.refuse(failure(client, error, owner, 'body'));
      }
    }
  }

  /**
   * The first refusal wins. What came so far is freed at once, and nothing more is kept; once more than `drain` further
   * octets came, the refusal is one that closes.
   */
  refuse(reply: Reply, drain: number = Number.POSITIVE_INFINITY, cause: unknown = reply): void {
    if (this.#refused) return;
    if (this.#concluding) return void failure(this.#ground.client, new Fault('REFUSED_LATE', []), core, 'body');
    this.#refused = drain < 0 ? replies.closing(reply) : reply;
    this.#drain = drain;
    const taps = this.#taps;
    this.#taps = [];
    for (const { it, owner } of taps) tell(this.#ground.client, owner, 'body', () => it.abort?.(cause));
    this.#free(this.#ground.storage);
  }

  abort(cause: unknown): void {
    this.refuse(aborted, undefined, cause);
    this.#ground.over();
  }

  write(chunk: Buffer): void | Promise<void> {
    if (this.#ending) return undefined;
    return this.#refused ? this.#drop(this.#refused, chunk) : this.#pass(this.#text?.take(chunk) ?? chunk);
  }

  /** Once, however often it is asked for: a second end would keep a second copy. */
  end(): Promise<Reply> {
    return (this.#ending ??= this.#end());
  }

  /** Another final reply than the one that was given. */
  retell(reply: Reply): Reply {
    return (this.told = this.#ground.refuse(reply));
  }

  async #end(): Promise<Reply> {
    try {
      if (this.#text && !this.#refused) await this.#pass(this.#text.end());
      for (let tap = this.#taps[0]; tap; tap = this.#taps[0]) {
        const { it, owner } = tap;
        this.#taps = this.#taps.slice(1);
        const waits: Wait[] = [];
        this.#attempt(() => it.end?.(), owner, waits);
        if (waits.length > 0) await this.#all(waits);
      }
      const waits: Wait[] = [];
      if (!this.#refused) this.#attempt(() => this.#ground.storage.finish(), core, waits);
      if (waits.length > 0) await this.#all(waits);
      return (this.told = this.#refused ? this.#ground.refuse(this.#refused) : await this.#conclude());
    } finally {
      this.#ground.over();
    }
  }

  #pass(content: Buffer): void | Promise<void> {
    if (this.#text?.bare && this.#ground.bareLineEndings === 'refuse') this.refuse(bareLineEnding);
    if (content.length === 0 || this.#refused) return undefined;
    this.#measure(content);
    const waits: Wait[] = [];
    for (const tap of this.#taps) {
      if (!this.#refused) this.#attempt(() => tap.it.write(content), tap.owner, waits);
    }
    if (!this.#refused) this.#attempt(() => this.#ground.storage.write(content), core, waits);
    return waits.length > 0 ? this.#all(waits) : undefined;
  }

  #drop(refused: Reply, chunk: Buffer): void {
    this.#drain -= chunk.length;
    if (this.#drain < 0 && !refused.close) this.#refused = replies.closing(refused);
  }

  async #conclude(): Promise<Reply> {
    this.#concluding = true;
    const transaction = this.#transaction;
    const content = new Content(transaction.id, this.#ground.storage, this.#size, this.#header);
    transaction.content = content;
    try {
      return await this.#ground.conclude(() => void (this.sealed = true));
    } finally {
      this.#free(content);
    }
  }

  /** A tap's failure refuses the message, on its behalf. */
  #attempt(act: () => void | Promise<void> | undefined, owner: Owner, waits: Wait[]): void {
    const failed = (error: unknown): void => {
      const { code } = (error ?? {}) as { code?: unknown };
      const reply = failure(this.#ground.client, error, owner, 'body');
      this.refuse(code === 'ENOSPC' || code === 'EDQUOT' ? replies.of(452, '4.3.1', 'Insufficient storage') : reply);
    };
    try {
      const done = act();
      if (isPending(done)) waits.push({ owner, done: done.then(undefined, failed) });
    } catch (error) {
      failed(error);
    }
  }

  /** Waits for all of them; who has not settled by the deadline is named. */
  #all(waits: readonly Wait[]): void | Promise<void> {
    const scope = new Scope(this.#ground.client, 'body', { transaction: this.#transaction });
    const open = new Set(waits);
    const work = async (wait: Wait): Promise<void> => {
      await wait.done;
      open.delete(wait);
    };
    return scope.run(
      async () => void (await Promise.all(waits.map(work))),
      (late) => {
        for (const { owner } of open) {
          late.owner = owner;
          this.refuse(tooLate(late));
        }
      },
      (error) => this.refuse(failure(this.#ground.client, error, core, 'body')),
    );
  }

  /** Counts what the limits bound. */
  #measure(chunk: Buffer): void {
    this.#size += chunk.length;
    const { limits } = this.#ground;
    const header = this.#header;
    if (!header.done) {
      header.push(chunk);
      if (header.octets > limits.header) this.refuse(replies.of(552, '5.3.4', 'Header section too large'));
      if (header.longestField > limits.headerField) this.refuse(replies.of(552, '5.3.4', 'Header field too large'));
      if (header.received > limits.hops) this.refuse(replies.of(554, '5.4.6', 'Too many hops: mail loop'));
    }
    if (limits.textLine !== Number.POSITIVE_INFINITY) this.#measureLines(chunk, limits.textLine);
  }

  #measureLines(chunk: Buffer, limit: number): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#line = Math.max(this.#line, 0) + (end + 1 - start);
      if (this.#line > limit) this.refuse(replies.of(554, '5.6.0', `Text line longer than ${limit} octets`));
      this.#line = 0;
      start = end + 1;
    }
    this.#line += chunk.length - start;
    if (this.#line > limit) this.refuse(replies.of(554, '5.6.0', `Text line longer than ${limit} octets`));
  }

  #free(held: { dispose(): void | Promise<void> }): void {
    const failed = (error: unknown): void => void failure(this.#ground.client, error, core, 'body');
    try {
      const freed = held.dispose();
      if (isPending(freed)) freed.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }
}
