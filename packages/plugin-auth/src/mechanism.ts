import type { Session } from '@maitred/core';
import type { UserDirectory } from './tokens.ts';

/** Who a client proved to be. */
export interface Proof {
  readonly identity: string;
  /** As whom it wants to act (the authorization identity), where that is another. */
  readonly actAs?: string | undefined;
}

/** What an exchange came to: a proof, wrong credentials (535 5.7.8), or a message of another form (501 5.5.2). */
export type Outcome = Proof | 'refused' | 'malformed';

/** What a mechanism is handed for one attempt. */
export interface Exchange {
  readonly session: Session;
  readonly directory: UserDirectory;
  /** The names of all mechanisms that the session is offered. */
  readonly offered: ReadonlySet<string>;
  /** Aborts when the client is gone or the time is up. */
  readonly signal: AbortSignal;
  /**
   * Sends a challenge, by default an empty one, and gives the response's octets. The initial response, if one came, answers
   * the first challenge without a word being sent. Rejects when the client cancels, vanishes, or sends no base64: let it.
   */
  readonly ask: (challenge?: string | Buffer) => Promise<Buffer>;
  /** Notes who the client claims to be, for who hooks the `auth` stage. */
  readonly claims: (user: string) => void;
}

/**
 * A SASL mechanism (RFC 4422 4). One object serves all sessions at once: what belongs to an attempt stays in `authenticate`.
 * An unknown user must cost what a known one does.
 */
export interface Mechanism {
  /** As registered: upper-case letters, digits, hyphens and underscores, at most 20 (RFC 4422 3.1). */
  readonly name: string;
  /** The function of the directory without which it is not offered. */
  readonly needs?: keyof UserDirectory;
  /** The server speaks first: an initial response is refused with 501 5.7.0 (RFC 4954 4). */
  readonly serverFirst?: boolean;
  /** Whether it works in this session; without it, in every one. Pure. */
  offered?(session: Session, directory: UserDirectory): boolean;
  /** Runs one attempt. What it throws is 454 4.7.0, a directory's failure above all; an `SmtpError` is its own reply. */
  authenticate(exchange: Exchange): Promise<Outcome>;
}
