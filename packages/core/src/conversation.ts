import type { Clock } from './clock.ts';
import type { ContentStore } from './content.ts';
import type { Listener, Peer } from './context.ts';
import type { Values } from './key.ts';
import type { Deadlines, Limits } from './limits.ts';
import type { Log } from './log.ts';
import type { Registry } from './registry.ts';
import type { Catalogue } from './replies.ts';
import type { Inject } from './services.ts';
import type { Awaitable } from './awaitable.ts';
import type { SessionState } from './state.ts';
import type { Stopwatch } from './stopwatch.ts';
import type { Reply } from './wire/reply.ts';

/** What a server decided once for all its connections. */
export interface House {
  readonly hostname: string;
  readonly registry: Registry;
  readonly catalogue: Catalogue;
  readonly limits: Limits;
  readonly deadlines: Deadlines;
  readonly bareLineEndings: 'refuse' | 'convert';
  readonly talkingAhead: 'refuse' | 'allow';
  readonly ignoredParameters: { readonly MAIL: readonly string[]; readonly RCPT: readonly string[] };
  readonly content: ContentStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly inject: Inject;
}

/** What stage runs and verbs stand on: one client, its session, its wire. */
export interface Conversation {
  readonly id: string;
  readonly house: House;
  readonly listener: Listener;
  readonly socket: Peer;
  readonly values: Values;
  readonly watch: Stopwatch;
  session: SessionState;
  /** Why the client is gone for good: it vanished, timed out, or the server won't wait. */
  readonly lost: unknown;
  /** The greeting was a refusal: everything but QUIT gets 503 (RFC 5321 3.1). */
  readonly turnedAway: boolean;
  /** Transactions begun so far; they number the ids. */
  transactions: number;
  spoke(ms: number): Promise<boolean>;
  /** Writes a reply now, by way of `format`. */
  prompt(reply: Reply, at: string): Awaitable<void>;
  /** The next octets of content, at most `maximum`; undefined when the client is gone or `signal` aborts. */
  chunk(maximum: number, signal?: AbortSignal): Awaitable<Buffer | undefined>;
}
