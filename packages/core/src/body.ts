import type { Connection } from './connection.ts';
import { Fault } from './errors.ts';
import { atOnce, failure, tell } from './failure.ts';
import { Content, type Storage } from './content.ts';
import type { Body, BodyKind } from './context.ts';
import { answer, conclude } from './deliver.ts';
import type { Tap } from './plugin.ts';
import type { Owned } from './registry.ts';
import { replies } from './replies.ts';
import { asItIs, core, Scope, type Owner } from './scope.ts';
import { attempt, isPending, type Awaitable } from './awaitable.ts';
import type { TransactionState } from './state.ts';
import { CanonicalText } from './wire/canonical.ts';
import { View } from './view.ts';
import { HeaderScanner } from './wire/header.ts';
import type { Reply } from './wire/reply.ts';

/** The reply to text with a bare CR or LF, kept or sent on as it is: the first half of SMTP smuggling. */
export const bareLineEnding: Reply = replies.of(554, '5.6.0', 'Bare CR or LF in the message: lines end with CR LF');

const aborted = replies.of(451, '4.3.0', 'Requested action aborted');

const LF = 0x0a;

/** How most transactions end: made once, because a trace of the stack would cost more than to tell of it. */
const answered = new Error('its message was answered');

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
  readonly #c: Connection;
  readonly #transaction: TransactionState;
  readonly #storage: Storage;
  readonly #header = new HeaderScanner();
  readonly #text: CanonicalText | undefined = undefined;
  #taps: readonly Owned<Tap>[] = [];
  #size = 0;
  #line = 0;
  #refused: Reply | undefined = undefined;
  #ending: Promise<Reply> | undefined = undefined;
  /** The content is the sinks' from here on: to free it would have them keep another. */
  #concluding = false;
  #drain = Number.POSITIVE_INFINITY;

  /** `binary`: a bare CR or LF may pass, or there can be none. */
  constructor(c: Connection, transaction: TransactionState, kind: BodyKind, binary: boolean) {
    this.#c = c;
    this.#transaction = transaction;
    this.kind = kind;
    this.#storage = c.house.content.open(transaction.id);
    // What is dotted was held to its line ends where its dots were taken off.
    if (!binary && kind !== 'data') this.#text = new CanonicalText(c.house.bareLineEndings);
  }

  get refused(): Reply | undefined {
    return this.#refused;
  }

  /** Asks the `body` hooks for their taps, until one of them refuses. */
  attach(): void {
    const refuse = (reply: Reply, drain?: number): void => this.refuse(reply, drain);
    const scope = new Scope(this.#c, 'body', { transaction: this.#transaction, refuse });
    for (const { owner, it } of this.#c.house.registry.collected.body) {
      if (this.#refused) return;
      try {
        const tap = atOnce(it(new View(scope, owner)), owner, 'body');
        if (tap) this.#taps = [...this.#taps, { owner, it: tap }];
      } catch (error) {
        this.refuse(failure(this.#c, error, owner, 'body'));
      }
    }
  }

  /**
   * The first refusal wins. What came so far is freed at once, and nothing more is kept; once more than `drain` further
   * octets came, the refusal is one that closes.
   */
  refuse(reply: Reply, drain: number = Number.POSITIVE_INFINITY, cause: unknown = reply): void {
    if (this.#refused) return;
    if (this.#concluding) return void failure(this.#c, new Fault('REFUSED_LATE', []), core, 'body');
    this.#refused = drain < 0 ? replies.closing(reply) : reply;
    this.#drain = drain;
    const taps = this.#taps;
    this.#taps = [];
    for (const { it, owner } of taps) tell(this.#c, owner, 'body', () => it.abort?.(cause));
    tell(this.#c, core, 'body', () => this.#storage.dispose());
  }

  abort(cause: unknown): void {
    this.refuse(aborted, undefined, cause);
    this.#over();
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
    return (this.told = answer(this.#c, this.#transaction, { one: reply, outcomes: [] }));
  }

  async #end(): Promise<Reply> {
    try {
      if (this.#text && !this.#refused) await this.#pass(this.#text.end());
      for (let tap = this.#taps[0]; tap; tap = this.#taps[0]) {
        const { it, owner } = tap;
        this.#taps = this.#taps.slice(1);
        const waits: Wait[] = [];
        this.#attempt(() => it.end?.(), owner, waits);
        await this.#all(waits);
      }
      const waits: Wait[] = [];
      if (!this.#refused) this.#attempt(() => this.#storage.finish(), core, waits);
      await this.#all(waits);
      return this.#refused ? this.retell(this.#refused) : (this.told = await this.#conclude());
    } finally {
      this.#over();
    }
  }

  #pass(content: Buffer): void | Promise<void> {
    if (this.#text?.bare && this.#c.house.bareLineEndings === 'refuse') this.refuse(bareLineEnding);
    if (content.length === 0 || this.#refused) return undefined;
    this.#measure(content);
    const waits: Wait[] = [];
    for (const tap of this.#taps) {
      if (!this.#refused) this.#attempt(() => tap.it.write(content), tap.owner, waits);
    }
    if (!this.#refused) this.#attempt(() => this.#storage.write(content), core, waits);
    return this.#all(waits);
  }

  #drop(refused: Reply, chunk: Buffer): void {
    this.#drain -= chunk.length;
    if (this.#drain < 0 && !refused.close) this.#refused = replies.closing(refused);
  }

  async #conclude(): Promise<Reply> {
    this.#concluding = true;
    const transaction = this.#transaction;
    const content = new Content(transaction.id, this.#storage, this.#size, this.#header);
    transaction.content = content;
    try {
      return await conclude(this.#c, transaction, () => void (this.sealed = true));
    } finally {
      tell(this.#c, core, 'body', () => content.dispose());
    }
  }

  /** A tap's failure refuses the message, on its behalf. */
  #attempt(act: () => void | Promise<void> | undefined, owner: Owner, waits: Wait[]): void {
    const failed = (error: unknown): void => {
      const { code } = (error ?? {}) as { code?: unknown };
      const reply = failure(this.#c, error, owner, 'body');
      this.refuse(code === 'ENOSPC' || code === 'EDQUOT' ? replies.of(452, '4.3.1', 'Insufficient storage') : reply);
    };
    const done = attempt(act, failed);
    if (isPending(done)) waits.push({ owner, done });
  }

  /** Waits for all of them; the first that has not settled by the deadline is named. */
  #all(waits: readonly Wait[]): Awaitable<void> {
    if (waits.length === 0) return undefined;
    const scope = new Scope(this.#c, 'body', { transaction: this.#transaction });
    const work = async (): Promise<void> => {
      for (const { owner, done } of waits) {
        scope.owner = owner;
        await done;
      }
    };
    return scope.run(work, asItIs, (reply) => this.refuse(reply));
  }

  /** Counts what the limits bound. */
  #measure(chunk: Buffer): void {
    this.#size += chunk.length;
    const { limits } = this.#c.house;
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
    for (let start = 0; start < chunk.length;) {
      const end = chunk.indexOf(LF, start) + 1 || chunk.length;
      this.#line += end - start;
      if (this.#line > limit) this.refuse(replies.of(554, '5.6.0', `Text line longer than ${limit} octets`));
      if (chunk[end - 1] === LF) this.#line = 0;
      start = end;
    }
  }

  /** The transaction is over, whatever became of it. */
  #over(): void {
    if (this.#c.session.transaction === this.#transaction) this.#c.session.transaction = undefined;
    this.#transaction.end(answered);
  }
}
