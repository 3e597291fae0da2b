import { key, type Key } from '@maitred/core';

/** How much of a message a notification of its failure returns (RFC 3461 4.3). */
export type ReturnContent = 'FULL' | 'HDRS';

/** An envelope identifier: 1 to 100 characters of printable ASCII (RFC 3461 4.4). */
export interface EnvelopeId {
  /** As the sender knows it. Its case counts. */
  readonly value: string;
  /** As the client wrote it (xtext): what a relay passes on, octet for octet (RFC 3461 5.2.1). */
  readonly encoded: string;
}

/** When a sender wants a notification; `NEVER` stands alone, none comes twice (RFC 3461 4.1). */
export type Notify = readonly ['NEVER'] | readonly ('SUCCESS' | 'FAILURE' | 'DELAY')[];

/** A recipient's address as its sender wrote it (RFC 3461 4.2). */
export interface OriginalRecipient {
  /** The address type, in lower case: `rfc822`, `utf-8` (RFC 6533 3), `x400` … */
  readonly type: string;
  /** Decoded: printable ASCII, and for `utf-8` anything but control characters. Not checked to be a mailbox. */
  readonly address: string;
  /** Type and address as the client wrote them: what a relay passes on, octet for octet (RFC 3461 5.2.1). */
  readonly encoded: string;
}

/** Transaction key: MAIL's RET; unset when the client left it to us. */
export const ReturnContent: Key<ReturnContent, 'transaction'> = key('dsn:return content', 'transaction');

/** Transaction key: MAIL's ENVID; unset when the client gave none. */
export const EnvelopeId: Key<EnvelopeId, 'transaction'> = key('dsn:envelope id', 'transaction');

/** Recipient key: RCPT's NOTIFY, as the client ordered it; unset when the client left it to us. */
export const Notify: Key<Notify, 'recipient'> = key('dsn:notify', 'recipient');

/** Recipient key: RCPT's ORCPT; unset when the client gave none. */
export const OriginalRecipient: Key<OriginalRecipient, 'recipient'> = key('dsn:original recipient', 'recipient');
