import { key, type Key } from '@maitred/core';
import type { ArcData, DKIMResult, ParsedHeaders } from '../mailauth.ts';
import type { Resolver } from '../tokens.ts';

/** What a plugin wants of the one pass over a message; the pass does what any of them wants, and nothing else. */
export interface Wants {
  /** The DKIM signatures, verified (RFC 6376 6). */
  readonly signatures?: boolean;
  /** The ARC sets, and the newest ARC-Message-Signature verified (RFC 8617 5.2). */
  readonly chain?: boolean;
  /** The hash of the body, as a seal of the message has it: relaxed, SHA-256 (RFC 6376 3.7). */
  readonly bodyHash?: boolean;
}

/** What the pass found. */
export interface Findings {
  /** The header section as it was received; of one that is over a limit, `parsed` has From alone. */
  readonly headers: ParsedHeaders;
  /** Why nothing of the header was examined but From: a limit that it is over, in words of ours. */
  readonly overLimit?: string;
  /** The addresses of all From fields, and the number of those fields. */
  readonly headerFrom: readonly string[];
  readonly fromFields: number;
  /** A From field was too long to be read, or there are too many to look for it: nobody can say who the author is. */
  readonly unreadFrom: boolean;
  /** Of each signature, top first, what it is worth; empty for a message without any, or where nobody wants them. */
  readonly signatures: readonly DKIMResult[];
  /** DKIM-Signature fields that were not examined: those below the limit's number, too long ones, those of such a header. */
  readonly unexamined: number;
  /** For `arc()` and `createSeal()`; without a chain where there is none, or nobody wants it, or with an error over a limit. */
  readonly arc: ArcData;
  /** Base64; undefined where nobody wants it. */
  readonly bodyHash: string | undefined;
  /** The message's resolver, which the signatures' keys were asked of: `arc()` reuses them if it is given this one. */
  readonly resolver: Resolver;
}

/** A message as it is being examined. */
export interface Examination {
  /** More is wanted; before the first octet of content, so in a `body` hook. Throws RangeError after it. */
  want(wants: Wants): void;
  /**
   * What was found, once the content is whole, so from the `message` stage on; the same however often it is asked for.
   * Waits for the keys, within the message's budget. Rejects only when there is nothing to tell: the content is not
   * whole, or was refused.
   */
  findings(): Promise<Findings>;
}

/** Transaction key: the one pass over the message; set in `body` by the first plugin that wants it. */
export const Examined: Key<Examination, 'transaction'> = key('examined', 'transaction');
