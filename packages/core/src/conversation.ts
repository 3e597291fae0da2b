import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Inject } from './services.ts';
import type { ContentStore } from './content.ts';
import type { Deadlines, Limits } from './limits.ts';
import type { Registry } from './registry.ts';
import type { Catalogue } from './replies.ts';
import type { Client } from './scope.ts';
import type { SessionState } from './state.ts';
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

/** What a verb's powers stand on: one client, its session, its wire. */
export interface Conversation extends Client {
  readonly house: House;
  session: SessionState;
  /** The greeting was a 5xx: everything but QUIT gets 503 (RFC 5321 3.1). */
  readonly turnedAway: boolean;
  /** Transactions begun so far; they number the ids. */
  transactions: number;
  /** Writes a reply now, by way of `format`. */
  prompt(reply: Reply, at: string): Promise<void>;
  /** The next line's octets; undefined when the client is gone. `limit`: octets with CRLF. */
  line(limit: number): Promise<Buffer | 'too-long' | 'bare-lf' | undefined>;
  /** The next octets of content, at most `maximum`; undefined when the client is gone. */
  chunk(maximum: number): Promise<Buffer | undefined>;
  unread(octets: Buffer): void;
  /** Octets that were received and not yet used. */
  readonly pending: number;
}
