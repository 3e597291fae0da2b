import type {
  Body,
  BodyKind,
  CloseCause,
  Command,
  Listener,
  Peer,
  Recipient,
  TlsInfo,
  Transaction,
} from './context.ts';
import type { Content } from './content.ts';
import { Fault } from './errors.ts';
import type { AnyKey, Key, Values } from './key.ts';
import type { Limits } from './limits.ts';
import type { Owner, Scope } from './scope.ts';
import type { Token } from './services.ts';
import type { RecipientState, TransactionState } from './state.ts';
import type { Path } from './wire/path.ts';
import type { Reply } from './wire/reply.ts';

/**
 * What a middleware is handed, whatever its stage: the stage's type shows the part that exists there. One small object
 * per layer, because it knows on whose behalf it reads: a plugin that uses a key it never named is found out at once.
 */
export class View {
  readonly #scope: Scope;
  readonly #owner: Owner;
  readonly #transaction: TransactionState | undefined;

  constructor(scope: Scope, owner: Owner, transaction: TransactionState | undefined = scope.subject.transaction) {
    this.#scope = scope;
    this.#owner = owner;
    this.#transaction = transaction;
  }

  get id(): string {
    return this.#transaction?.id ?? this.#scope.client.id;
  }
  get hostname(): string {
    return this.#scope.client.house.hostname;
  }
  get limits(): Limits {
    return this.#scope.client.house.limits;
  }
  get socket(): Peer {
    return this.#scope.client.socket;
  }
  get listener(): Listener {
    return this.#scope.client.listener;
  }
  get remote(): Peer {
    return this.#scope.session.remote;
  }
  get local(): Peer {
    return this.#scope.session.local;
  }
  get tls(): TlsInfo | undefined {
    return this.#scope.session.tls;
  }
  get helo(): string | undefined {
    return this.#scope.session.helo;
  }
  get protocol(): 'SMTP' | 'ESMTP' {
    return this.#scope.session.protocol;
  }
  get offered(): ReadonlySet<string> {
    return this.#scope.session.offered;
  }
  get signal(): AbortSignal {
    return this.#scope.signal;
  }
  get transaction(): Transaction | undefined {
    if (this.#transaction) return this;
    const current = this.#scope.session.transaction;
    return current && new View(this.#scope, this.#owner, current);
  }
  get sender(): Path {
    return this.#mail().sender;
  }
  get recipients(): readonly Recipient[] {
    return this.#mail().recipients;
  }
  get body(): Body | undefined {
    return this.#mail().body;
  }
  get ended(): AbortSignal {
    return this.#mail().ended;
  }
  get content(): Content {
    return this.#mail().content ?? this.#missing('content');
  }
  get recipient(): Recipient {
    return this.#rcpt();
  }
  get command(): Command {
    return this.#scope.subject.command ?? this.#missing('command');
  }
  get via(): BodyKind {
    return this.#scope.subject.via ?? this.#missing('via');
  }
  get cause(): CloseCause {
    return this.#scope.subject.cause ?? this.#missing('cause');
  }

  refuse(reply: Reply, { drain }: { readonly drain?: number } = {}): void {
    (this.#scope.subject.refuse ?? this.#missing('refuse'))(reply, drain);
  }

  spoke(ms: number): Promise<boolean> {
    return this.#scope.client.spoke(ms);
  }

  inject<T>(token: Token<T>): T {
    return this.#scope.client.house.inject(token);
  }

  get<T>(key: Key<T>): T | undefined {
    return this.#values(key).get(key);
  }

  need<T>(key: Key<T>): T {
    return this.#values(key).need(key);
  }

  set<T>(key: Key<T>, value: NoInfer<T>): void {
    this.#values(key).set(key, value);
  }

  delete(key: AnyKey): void {
    this.#values(key).delete(key);
  }

  #values(key: AnyKey): Values {
    const { keys, name } = this.#owner;
    if (keys && !keys.has(key)) throw new Fault('UNDECLARED_KEY', [name, key.name]);
    if (key.lifetime === 'connection') return this.#scope.client.values;
    if (key.lifetime === 'session') return this.#scope.session.values;
    return key.lifetime === 'transaction' ? this.#mail().values : this.#rcpt();
  }

  #mail(): TransactionState {
    return this.#transaction ?? this.#missing('a transaction');
  }

  #rcpt(): RecipientState {
    return this.#scope.subject.recipient ?? this.#missing('recipient');
  }

  #missing(what: string): never {
    throw new Fault('OUT_OF_REACH', [`${what} (stage ${this.#scope.stage}, plugin ${this.#owner.name})`]);
  }
}
