import { token, type Token } from '@maitred/core';

/** The answers to a question of each type, shaped as Node's resolver shapes them. */
export interface Answers {
  readonly A: string[];
  readonly AAAA: string[];
  readonly CNAME: string[];
  readonly PTR: string[];
  /** Each record's strings, not joined. */
  readonly TXT: string[][];
  readonly MX: { exchange: string; priority: number }[];
}

/** A type of record that mail's checks ask for. */
export type RecordType = keyof Answers;

/**
 * Asks the DNS. Rejects with an error whose `code` tells why: `ENOTFOUND` (no such name) and `ENODATA` (no such record)
 * are void answers, `EBADNAME` is a name that can't be asked for, anything else is temporary (`ETIMEOUT`, `ESERVFAIL`,
 * `ECANCELLED` …). Each caller gets an answer and an error of its own.
 */
export type Resolver = <T extends RecordType>(name: string, type: T) => Promise<Answers[T]>;

/** The DNS for all checks: a cache that the server's connections share, and a budget for each message. */
export interface Dns {
  /**
   * A resolver that lives as long as `signal` does not abort, usually `within(ctx.ended)`: then all that is pending
   * rejects with `ECANCELLED`. Everybody who names the same signal gets the same resolver, and shares its budget of time
   * (it runs from the first question) and of questions.
   */
  within(signal: AbortSignal): Resolver;
}

/** The DNS service; registered by `dns()`. */
export const Dns: Token<Dns> = token('dns');
