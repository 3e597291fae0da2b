import type { BodyKind, CloseCause, Command } from './context.ts';
import type { Connection } from './connection.ts';
import { Fault } from './errors.ts';
import { failure } from './failure.ts';
import type { AnyKey } from './key.ts';
import { deadlineOf } from './limits.ts';
import { isPending, type Awaitable } from './awaitable.ts';
import type { RecipientState, SessionState, TransactionState } from './state.ts';
import type { Reply } from './wire/reply.ts';

/** On whose behalf code runs: a plugin, held to the keys it names, or the application, which may use any. */
export interface Owner {
  readonly name: string;
  readonly keys: ReadonlySet<AnyKey> | undefined;
}

/** On core's own behalf. */
export const core: Owner = { name: 'core', keys: undefined };

/** What a run is about, beside the session. */
export interface Subject {
  readonly session?: SessionState;
  readonly transaction?: TransactionState | undefined;
  readonly recipient?: RecipientState;
  readonly command?: Command;
  readonly via?: BodyKind;
  readonly refuse?: (reply: Reply, drain?: number) => void;
  readonly cause?: CloseCause;
  /** Milliseconds, where it isn't the stage's own. */
  readonly deadline?: number;
}

const noSubject: Subject = Object.freeze({});
/** What a run makes of what comes, or of a failure's reply, where that is already what is asked for. */
export const asItIs = <T>(value: T): T => value;

/** One run of one stage: what it is about, its signal, its time. Settles once. */
export class Scope {
  readonly client: Connection;
  /** A stage's name, or a timed part of one. */
  readonly stage: string;
  readonly subject: Subject;
  /** Who was entered last: the one to name when nothing comes back. */
  owner: Owner | undefined = undefined;
  /** The run it is a part of. */
  around: Scope | undefined = undefined;
  /** By the clock; negative: it has not had to be waited for. */
  enteredAt = -1;
  expiresAt = 0;
  /** Who was at work when its time was over. */
  overdue: Owner | undefined = undefined;
  #running = false;
  /** Why its signal aborts, also one that is asked for later. */
  #aborted: unknown = undefined;
  #controller: AbortController | undefined = undefined;
  #resolve: ((value: never) => void) | undefined = undefined;
  /** What its failure is worth to who asked for it. */
  #worth: (reply: Reply, error: unknown) => unknown = asItIs;

  constructor(client: Connection, stage: string, subject: Subject = noSubject) {
    this.client = client;
    this.stage = stage;
    this.subject = subject;
  }

  get session(): SessionState {
    return this.subject.session ?? this.client.session;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    const over = this.client.lost ?? this.#aborted;
    if (over !== undefined) this.#controller.abort(over);
    return this.#controller.signal;
  }

  /** Whether it has not settled. */
  get running(): boolean {
    return this.#running;
  }

  abort(reason: unknown): void {
    this.#aborted ??= reason;
    this.#controller?.abort(reason);
  }

  /** The client is gone: the signal aborts, and the run has no more than a grace. A commit's word counts all the same. */
  abandon(reason: unknown): void {
    this.abort(reason);
    const { clock, deadlines } = this.client.house;
    if (this.stage !== 'commit') this.expiresAt = Math.min(this.expiresAt, clock.elapsed() + deadlines.grace);
  }

  /**
   * Runs `work` under the stage's deadline. At the deadline the signal aborts; after a grace, or when `work` settles in
   * it, the run has failed, whatever `work` gives; so it has when `work` or `came` throws or rejects. A failure is
   * reported. The value is what `came` makes of what `work` gives, or `failed` of the failure and its reply; what is there
   * at once is given at once.
   */
  run<T, U>(
    work: () => Awaitable<T>,
    came: (value: T) => U,
    failed: (reply: Reply, error: unknown) => U,
  ): Awaitable<U> {
    const { watch } = this.client;
    watch.enter(this);
    this.#running = true;
    let settled: U;
    try {
      const value = work();
      if (isPending(value)) return this.#follow(value, came, failed);
      settled = came(value);
    } catch (error) {
      settled = this.#failed(error, failed);
    }
    this.#running = false;
    watch.leave(this);
    return settled;
  }

  #follow<T, U>(pending: Promise<T>, came: (value: T) => U, failed: (reply: Reply, error: unknown) => U): Promise<U> {
    const { house, lost } = this.client;
    this.enteredAt = house.clock.elapsed();
    this.expiresAt = this.enteredAt + (this.subject.deadline ?? deadlineOf(house.deadlines, this.stage));
    if (lost !== undefined) this.abandon(lost);
    return new Promise<U>((resolve) => {
      this.#resolve = resolve;
      this.#worth = failed;
      pending.then(
        (value) => this.#came(value, came),
        (error: unknown) => this.#fail(error),
      );
    });
  }

  #failed<T>(error: unknown, failed: (reply: Reply, error: unknown) => T): T {
    return failed(failure(this.client, error, this.overdue ?? this.owner ?? core, this.stage), error);
  }

  /** The deadline passed (or the run was given up): first the signal, and after a grace the end. */
  expire(reason: unknown): void {
    const over = this.overdue !== undefined || this.client.lost !== undefined;
    this.overdue ??= this.owner ?? core;
    if (over) return this.#fail();
    this.expiresAt = this.client.house.clock.elapsed() + this.client.house.deadlines.grace;
    this.abort(reason);
  }

  #came<T>(value: T, came: (value: T) => unknown): void {
    if (this.overdue) return this.#fail();
    try {
      this.#settle(came(value));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Too late, whatever came, where its time was over before. */
  #fail(error?: unknown): void {
    if (!this.#running) return;
    const { overdue } = this;
    const why = overdue ? new Fault('TOO_LATE', [overdue.name, this.stage], error ? { cause: error } : {}) : error;
    this.#settle(this.#failed(why, this.#worth));
  }

  #settle(value: unknown): void {
    this.#running = false;
    this.client.watch.leave(this);
    this.#resolve?.(value as never);
  }
}
