import type { Duplex } from 'node:stream';
import type { TlsSettings } from './transport.ts';
import type {
  Body,
  BodyKind,
  CommandContext,
  Facts,
  Listener,
  Peer,
  Recipient,
  RecipientContext,
  Session,
  Transaction,
} from './context.ts';
import type { AnyKey, Bag, Key } from './key.ts';
import type { AnyService, AnyToken, Inject } from './services.ts';
import type { Awaitable } from './awaitable.ts';
import type { AnyStage, DeclaredHook, Hooks, Stage } from './stages.ts';
import type { Path } from './wire/path.ts';
import type { Reply } from './wire/reply.ts';

/** The version of this contract that {@link definePlugin} stamps; a server refuses a plugin of another. */
export const CONTRACT = 1;

/** What plugins need of each other: keys, services and stages, never plugin names. */
export type Dependency = AnyKey | AnyToken | AnyStage;

/** Sees every octet of a message's content, in order. */
export interface Tap {
  /** A piece of content; a promise holds the client back. Don't change the octets. */
  write(chunk: Buffer): Awaitable<void>;
  /** The content is whole. */
  end?(): Awaitable<void>;
  /** There will be no end: refused, reset or lost. Called at most once, and never after `end`. */
  abort?(cause: unknown): void;
}

/** What became of one recipient's copy. */
export interface Outcome {
  readonly recipient: Recipient;
  readonly reply: Reply;
}

/** Keeps a message in two phases: every sink's `prepare` comes before any `commit`. */
export interface Sink {
  /** Those it keeps the message for; without any it is left alone. */
  readonly recipients: readonly Recipient[];
  /** Does all that can fail. A rejection refuses the message: 451, or an `SmtpError`'s reply. */
  prepare?(signal: AbortSignal): Promise<void>;
  /** Makes it durable. Nothing returned means accepted for all its recipients. */
  commit(): Awaitable<readonly Outcome[] | void>;
  /** Undoes `prepare`: another sink could not. */
  rollback?(): Promise<void>;
}

/** A keyword of EHLO's reply. Pure functions of the session, evaluated at each EHLO. */
export interface Extension {
  /** Whether it is offered now; without it, always. */
  when?(session: Session): boolean;
  /** What follows the keyword. */
  args?(session: Session): readonly string[];
}

/**
 * An ESMTP parameter of MAIL or RCPT, named `KEYWORD`, or `KEYWORD=VALUE` where values have different owners.
 * `parse` gives the value that is kept under `key`, or a reply that refuses the command.
 */
export interface Parameter<T, L extends 'transaction' | 'recipient'> {
  /** Accepted only when the last EHLO offered this keyword. */
  readonly extension?: string;
  readonly key: Key<T, L>;
  /** Octets it adds to the command line's limit (RFC 5321 4.1.1.11). */
  readonly octets?: number;
  parse(value: string | undefined, session: Session): NoInfer<T> | Reply;
}

/** A parameter of any type. */
// oxlint-disable-next-line typescript/no-explicit-any -- see AnyKey
export type AnyParameter<L extends 'transaction' | 'recipient'> = Parameter<any, L>;

/** Checks a parameter's `parse` against its `key`. */
export function parameter<T, L extends 'transaction' | 'recipient'>(spec: Parameter<T, L>): Parameter<T, L> {
  return spec;
}

/** How a verb is framed, when it is allowed, and what it does. */
export interface VerbSpec {
  /** Refused unless the last EHLO offered this keyword: 500, or what `when` says. */
  readonly extension?: string;
  /** Takes the verb over from whoever had it before. */
  readonly replaces?: boolean;
  /** Changes what octets mean: doesn't run while input is pending behind it (RFC 2920 3.1). */
  readonly endsGroup?: boolean;
  /** Its arguments and continuation lines never reach logs, traces or records. */
  readonly secret?: boolean;
  /** Octets its arguments may add to the command line's limit. */
  readonly octets?: number;
  /** A reply refuses the verb in this state. */
  when?(session: Session): Reply | undefined;
  /**
   * The octets of content that follow the line, or that nobody can know (the connection closes). Pure; drained on every
   * path. A transaction ends where they were refused or left unread: what follows must not become a message with a hole.
   */
  owes?(args: string): number | 'close';
  handle(verb: Verb): Awaitable<Reply>;
}

/** All that a verb's handler may do; core's own verbs have nothing else. Void once the handler or its ring returned. */
export interface Verb extends CommandContext {
  /** The arguments, also of a `secret` verb. */
  readonly args: string;
  /** Writes a 3xx (or 2xx) now, outside the rings, before more is read. */
  prompt(reply: Reply): Awaitable<void>;
  /**
   * The next line without CRLF. Rejects with an `SmtpError` when it's too long (`limit`: octets) or not text. Has the time
   * of a command, or less (`deadline`: milliseconds from now): then 421 4.4.2, and the connection ends.
   */
  readLine(options?: { limit?: number; deadline?: number }): Promise<string>;
  /** Exactly the next `count` octets, of those that `owes` announced. */
  octets(count: number): AsyncIterable<Buffer>;
  /** Content up to CRLF.CRLF, dot-stuffing removed. What is not read, core drains. */
  dotted(): AsyncIterable<Buffer>;
  /** Greets: runs `helo`, evaluates the extensions, fixes what is offered. */
  advertise(name: string, extended: boolean): Awaitable<Reply>;
  /** Runs a declared stage, its facts laid over the session. */
  run<C extends Session>(stage: Stage<C>, facts: Omit<C, keyof Session>): Promise<Reply>;
  /** Starts the session anew on other facts: runs `connect`, whose reply is the new greeting. */
  restart(facts: Partial<Facts>, seed?: (fresh: Session) => void): Promise<Reply>;
  /** Drops the transaction, if there is one. */
  reset(cause: string): void;
  /** Begins a transaction: parses parameters, runs `mail`. */
  begin(sender: Path, parameters: string): Awaitable<Reply>;
  /** Adds a recipient: parses parameters, runs `rcpt`. */
  addRecipient(to: Path, parameters: string): Awaitable<Reply>;
  /**
   * The transaction's body; opened, `data` first, when none is. Text has no bare CR or LF, however it comes: one is refused
   * with 554 5.6.0, or converted, as the server says. `binary` content passes as it is (RFC 3030 3).
   */
  openBody(kind: BodyKind, options?: { readonly binary?: boolean }): Awaitable<Body>;
  /** Runs once a 2xx was written; not at all otherwise. */
  after(effect: (powers: Powers) => Awaitable<void>): void;
}

/** What only a written 2xx allows. */
export interface Powers {
  /** Discards unread input, starts TLS, drops every session key. A failed handshake ends the connection. */
  upgrade(tls: TlsSettings): Promise<void>;
  /** Hands the socket over; core never reads again and closes it after. */
  takeOver(run: (stream: Duplex, signal: AbortSignal) => Promise<void>): Promise<void>;
}

/** What a prologue is handed: where the client came in, and its octets before the greeting and before implicit TLS. */
export interface Wire {
  /** Names the connection in logs. */
  readonly id: string;
  /** The real socket's other end: all there is yet to decide trust on. */
  readonly socket: Peer;
  readonly listener: Listener;
  /** The service behind a token: a look-up of what was resolved at start. */
  readonly inject: Inject;
  /** Up to `maximum` octets, as soon as there are any; empty when the client ended or `signal` aborted. */
  read(maximum: number, signal?: AbortSignal): Promise<Buffer>;
  /** Puts octets back for whoever reads next. */
  unread(octets: Buffer): void;
}

/** What `setup` is handed. */
export interface Host {
  readonly hostname: string;
  readonly inject: Inject;
  /** Aborts when the server closes. */
  readonly signal: AbortSignal;
}

/** A plugin: a plain named object. Everything but the functions is readable before any plugin code runs. */
export interface Plugin {
  /** Unique; in logs, errors and metrics. */
  readonly name: string;
  /** Keys, services and stages it cannot do without. */
  readonly requires?: readonly Dependency[];
  /** Those it uses when somebody provides them. */
  readonly optional?: readonly Dependency[];
  /** Those it brings; private keys too. */
  readonly provides?: readonly Dependency[];
  /** EHLO keyword → when it is offered. */
  readonly extensions?: Readonly<Record<string, Extension>>;
  readonly parameters?: {
    readonly MAIL?: Readonly<Record<string, AnyParameter<'transaction'>>>;
    readonly RCPT?: Readonly<Record<string, AnyParameter<'recipient'>>>;
  };
  readonly verbs?: Readonly<Record<string, VerbSpec>>;
  /** Before the greeting and before implicit TLS; `close` ends the connection without a word. */
  readonly prologue?: (wire: Wire, keys: Bag<'connection'>, signal: AbortSignal) => Promise<Partial<Facts> | 'close'>;
  /** Asked innermost in `rcpt`, in `use` order: a reply claims or refuses, undefined passes on. */
  readonly accepts?: {
    readonly who: string;
    readonly claim: (ctx: RecipientContext) => Awaitable<Reply | undefined>;
  };
  /** Pure; the last step before the encoder, for every reply. `at`: `greeting`, `timer` or the verb that is answered. */
  readonly format?: (reply: Reply, session: Session, at: string) => Reply;
  /** Pure; may turn the end of data's one reply into one per recipient (`replies.each`), on every path. */
  readonly answer?: (transaction: Transaction, one: Reply, outcomes: readonly Outcome[]) => Reply | undefined;
  /** Hooks of core's stages. */
  readonly stages?: Hooks;
  /** Hooks of declared stages. */
  readonly on?: readonly DeclaredHook[];
  /** Registered before any `setup`. */
  readonly services?: readonly AnyService[];
  /** In `use` order, before the first connection. */
  setup?(host: Host): Awaitable<void>;
  /** In reverse order, after the last connection. */
  close?(): Awaitable<void>;
}

/** What an injectable class declares statically, so that services and checks come before construction. */
export type Declaration = Pick<Plugin, 'name' | 'requires' | 'optional' | 'provides' | 'services'>;

/** A plugin as an injectable class: its constructor takes services and does no I/O. */
export interface PluginClass {
  new (...services: never[]): Omit<Plugin, keyof Declaration>;
  readonly plugin: Declaration;
}

/** Adds the types and stamps the contract's version. */
export function definePlugin(plugin: Plugin): Plugin {
  return Object.assign(plugin, { '~contract': CONTRACT });
}
