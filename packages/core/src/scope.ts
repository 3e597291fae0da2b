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
const asItIs = (reply: Reply): Reply => reply;

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
  enteredAt = 0;
  expiresAt = 0;
  /** Who was at work when its time was over. */
  overdue: Owner | undefined = undefined;
  #running = false;
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
    if (this.client.lost !== undefined) this.#controller.abort(this.client.lost);
    return this.#controller.signal;
  }

  /** Whether it has not settled. */
  get running(): boolean {
    return this.#running;
  }

  abort(reason: unknown): void {
    this.#controller?.abort(reason);
  }

  /** The client is gone: the signal aborts, and the run has no more than a grace. A commit's word counts all the same. */
  abandon(reason: unknown): void {
    this.abort(reason);
    const { clock, deadlines } = this.client.house;
    if (this.stage !== 'commit') this.expiresAt = Math.min(this.expiresAt, clock.now() + deadlines.grace);
  }

  /**
   * Runs `work` under the stage's deadline. At the deadline the signal aborts; after a grace, or when `work` settles in
   * it, the run has failed, whatever `work` gives; so it has when `work` throws or rejects. A failure is reported, and the
   * value is what `failed` makes of it and its reply. What is there at once is given at once.
   */
  run<T>(work: () => Awaitable<T>, failed: (reply: Reply, error: unknown) => T): Awaitable<T> {
    const { watch } = this.client;
    watch.enter(this);
    this.#running = true;
    let value: Awaitable<T>;
    try {
      value = work();
    } catch (error) {
      value = this.#failed(error, failed);
    }
    if (isPending(value)) return this.#follow(value, failed);
    this.#running = false;
    watch.leave(this);
    return value;
  }

  #follow<T>(pending: Promise<T>, failed: (reply: Reply, error: unknown) => T): Promise<T> {
    const { house, lost } = this.client;
    this.enteredAt = house.clock.now();
    this.expiresAt = this.enteredAt + (this.subject.deadline ?? deadlineOf(house.deadlines, this.stage));
    if (lost !== undefined) this.abandon(lost);
    return new Promise<T>((resolve) => {
      this.#resolve = resolve;
      this.#worth = failed;
      pending.then(
        (value) => this.#settle({ value }),
        (error: unknown) => this.#settle({ error }),
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
    if (over) return this.#settle({});
    this.expiresAt = this.client.house.clock.now() + this.client.house.deadlines.grace;
    this.abort(reason);
  }

  /** Settles once; too late, whatever came, where its time was over before. */
  #settle(came: { readonly value?: unknown; readonly error?: unknown }): void {
    const resolve = this.#resolve as ((value: unknown) => void) | undefined;
    if (!resolve) return;
    const error = this.overdue ? new Fault('TOO_LATE', [this.overdue.name, this.stage]) : came.error;
    const settled = this.overdue || 'error' in came ? this.#failed(error, this.#worth) : came.value;
    this.#running = false;
    this.#resolve = undefined;
    this.client.watch.leave(this);
    resolve(settled);
  }
}
