import type {
  BodyContext,
  Closed,
  CommandContext,
  Connection,
  DataContext,
  Message,
  RecipientContext,
  Session,
  Transaction,
} from './context.ts';
import type { Awaitable } from './awaitable.ts';
import type { Sink, Tap } from './plugin.ts';
import type { Reply } from './wire/reply.ts';

/** One layer of an onion: returns the reply, its own or what `next()` gave. */
export type Middleware<C> = (ctx: C, next: () => Promise<Reply>) => Awaitable<Reply>;

/** A middleware, or one placed outside (`pre`) or inside (`post`) of all others; among equals `use` order counts. */
export type Hook<C> =
  | Middleware<C>
  | {
      readonly order?: 'pre' | 'post';
      /** Pure: whether this run concerns it; where it doesn't, the layer isn't there and costs nothing. Default: always. */
      readonly when?: (ctx: C) => boolean;
      readonly handle: Middleware<C>;
    };

/** The onions of core, in the order a client meets them; `command` is a ring around every command line. */
export interface CoreStages {
  command: CommandContext;
  /** Before the greeting; the reply is the greeting. */
  connect: Connection;
  /** HELO or EHLO; the reply is what the client reads. */
  helo: Session;
  mail: Transaction;
  /** Once per recipient; the innermost layer asks the acceptors. */
  rcpt: RecipientContext;
  /** Before 354, or before the first chunk. */
  data: DataContext;
  /** All octets known; a 2xx lets the sinks keep the message. */
  message: Message;
}

/** Stages that are collected, because unwinding has no meaning there. */
export interface Collected {
  /** Returns a tap that sees every octet of the content, or nothing. */
  body: (ctx: BodyContext) => Tap | undefined;
  /** Returns a sink that keeps the message for some recipients, or nothing. */
  deliver: (ctx: Message) => Awaitable<Sink | undefined>;
  /** Told once, after every other hook of that connection settled. */
  close: (ctx: Closed) => void;
}

/** Names of the stages that are onions. */
export type StageName = keyof CoreStages;

/** A plugin's hooks of core's stages. */
export type Hooks = { readonly [S in StageName]?: Hook<CoreStages[S]> } & Partial<Collected>;

/** A stage that a plugin declares for others: `export const Auth: Stage<AuthContext> = stage('auth', …)`. */
export interface Stage<C> {
  readonly name: string;
  /** What the stage answers when no middleware does. */
  readonly otherwise: (ctx: C) => Awaitable<Reply>;
}

/** A stage of any context. */
// oxlint-disable-next-line typescript/no-explicit-any -- a stage is invariant in its context: only `any` stands for all
export type AnyStage = Stage<any>;

/** Declares a stage; its plugin lists it under `provides` and runs it with `verb.run(stage, facts)`. */
export function stage<C>(name: string, otherwise: (ctx: C) => Awaitable<Reply>): Stage<C> {
  return Object.freeze({ name, otherwise });
}

/** A hook of a declared stage; made by {@link on}. */
export interface DeclaredHook {
  readonly stage: AnyStage;
  readonly hook: Hook<never>;
}

/** Hooks a declared stage: `on: [on(Auth, async (ctx, next) => …)]`; the stage belongs under `requires` or `optional`. */
export function on<C>(declared: Stage<C>, hook: Hook<C>): DeclaredHook {
  return { stage: declared, hook: hook };
}
