import type { Listener, Peer } from './context.ts';
import type { Values } from './key.ts';
import type { Inject } from './services.ts';
import type { RecipientState, SessionState, TransactionState } from './state.ts';
import type { Command, BodyKind, CloseCause } from './context.ts';
import type { Reply } from './wire/reply.ts';
import type { AnyKey } from './key.ts';

/** On whose behalf code runs: a plugin, held to the keys it names, or the application, which may use any. */
export interface Owner {
  readonly name: string;
  readonly keys: ReadonlySet<AnyKey> | undefined;
}

/** On core's own behalf. */
export const core: Owner = { name: 'core', keys: undefined };

/** What a stage run needs of its connection. */
export interface Client {
  readonly id: string;
  readonly hostname: string;
  readonly socket: Peer;
  readonly listener: Listener;
  readonly values: Values;
  readonly session: SessionState;
  readonly inject: Inject;
  /** Aborted for good: the client is gone or the server won't wait. */
  readonly lost: unknown;
  spoke(ms: number): Promise<boolean>;
  now(): number;
  deadline(stage: string): number;
  /** The innermost run is the one whose time runs. */
  enter(scope: Scope): void;
  leave(scope: Scope): void;
  /** Logs a failure and gives the reply that says nothing of it; an `SmtpError` is its own reply. */
  failure(error: unknown, owner: Owner, stage: string): Reply;
  /** The same for a run that did not settle in time; names who was entered last. */
  readonly tooLate: (scope: Scope) => Reply;
  readonly grace: number;
}

/** What a run is about, beside the session. */
export interface Subject {
  readonly session?: SessionState;
  readonly transaction?: TransactionState | undefined;
  readonly recipient?: RecipientState;
  readonly command?: Command;
  readonly via?: BodyKind;
  readonly refuse?: (reply: Reply) => void;
  readonly cause?: CloseCause;
  /** Milliseconds, where it isn't the stage's own. */
  readonly deadline?: number;
}

/** One run of one stage: what it is about, its signal, its time. Settles once. */
export class Scope {
  readonly client: Client;
  /** A stage's name, or a timed part of one. */
  readonly stage: string;
  readonly subject: Subject;
  /** Who was entered last: the one to name when nothing comes back. */
  owner: Owner | undefined = undefined;
  enteredAt = 0;
  expiresAt = 0;
  #expired = false;
  #controller: AbortController | undefined = undefined;
  #resolve: ((value: never) => void) | undefined = undefined;
  #late: ((fault: Scope) => unknown) | undefined = undefined;

  constructor(client: Client, stage: string, subject: Subject = {}) {
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
    return this.#resolve !== undefined;
  }

  abort(reason: unknown): void {
    this.#controller?.abort(reason);
  }

  /**
   * Runs `work` under the stage's deadline. At the deadline the signal aborts; after a grace, or when `work` settles in
   * it, the value is `late`'s, whatever `work` gives. `work` must not reject.
   */
  run<T>(work: () => Promise<T>, late: (scope: Scope) => T): Promise<T> {
    this.client.enter(this);
    this.enteredAt = this.client.now();
    this.expiresAt = this.enteredAt + (this.subject.deadline ?? this.client.deadline(this.stage));
    return new Promise<T>((resolve) => {
      this.#resolve = resolve;
      this.#late = late;
      void work().then((value) => this.#settle(this.#expired ? late(this) : value));
    });
  }

  /** The deadline passed (or the run was given up): first the signal, and after a grace the end. */
  expire(reason: unknown): void {
    if (this.#expired) return this.#settle(this.#late?.(this));
    this.#expired = true;
    this.expiresAt = this.client.now() + this.client.grace;
    this.abort(reason);
  }

  #settle(value: unknown): void {
    const resolve = this.#resolve as ((value: unknown) => void) | undefined;
    if (!resolve) return;
    this.#resolve = undefined;
    this.client.leave(this);
    resolve(value);
  }
}
