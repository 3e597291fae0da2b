import type { Resinfo } from '@maitred/authentication-results';

/** What was found of a message when it was received: what its next set says. Plain data. */
export interface Received {
  /** The chain's state (RFC 8617 4.4): the new seal's `cv=`. */
  readonly chain: 'none' | 'pass' | 'fail';
  /** The results of all checks, in the order they are written. */
  readonly results: readonly Resinfo[];
}

/** A set that was made (RFC 8617 4.2). */
export interface Sealed {
  readonly instance: number;
  /** ARC-Seal, ARC-Message-Signature and ARC-Authentication-Results, top first, folded, without their last CRLF. */
  readonly fields: readonly string[];
  /** The same with their CRLFs, as it goes on top of the message. */
  readonly header: string;
}
