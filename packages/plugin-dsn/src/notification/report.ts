import { Clock, type EnhancedCode, type Message, type Reply } from '@maitred/core';
import { messageRequest, type MessageRequest, type RecipientRequest } from '../request.ts';

/**
 * What was done with a message for a recipient (RFC 3464 2.3.3): given up; not delivered yet; put into the mailbox, or
 * handed to a mailing list; passed on to who won't notify; passed on to the several addresses behind an alias.
 */
export type Action = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';

/** The message that is reported on: plain data, but for its content. */
export interface Original extends MessageRequest {
  /** The reverse-path: `local@domain`, or nothing for the null one, which gets no notification. */
  readonly sender: string;
  /** When it came; milliseconds since 1970. */
  readonly arrived?: number | undefined;
  /** Whom it came from, as it said in HELO or EHLO, and its IP address. */
  readonly receivedFrom?: { readonly helo: string; readonly address?: string | undefined } | undefined;
  /** Reads it from its first octet, at each call. Without it nothing is returned. */
  readonly content?: (() => AsyncIterable<Uint8Array> | Iterable<Uint8Array>) | undefined;
}

/** What became of a message for one recipient (RFC 3464 2.3): plain data. */
export interface Report extends RecipientRequest {
  /** The forward-path as it was accepted: `local@domain`. */
  readonly recipient: string;
  readonly action: Action;
  /** Default: the diagnostic reply's code where its class fits the action, or else 5.0.0, 4.0.0 or 2.0.0. */
  readonly status?: EnhancedCode | undefined;
  /** The reply that decided it: ours, or as a text the other server's, its lines as they came. */
  readonly diagnostic?: Reply | string | undefined;
  /** The server that gave the diagnostic, where it wasn't this one. */
  readonly remoteMta?: string | undefined;
  /** Milliseconds since 1970. */
  readonly lastAttempt?: number | undefined;
  /** What our log knows this attempt by. */
  readonly finalLogId?: string | undefined;
  /** Until when a delayed message is tried again; milliseconds since 1970. */
  readonly willRetryUntil?: number | undefined;
}

/** A message as it stands in `message` or `deliver`, to be reported on: its content is there until its transaction ends. */
export function originalOf(message: Message): Original {
  return {
    ...messageRequest(message),
    sender: message.sender.mailbox,
    arrived: message.inject(Clock).now(),
    receivedFrom: { helo: message.helo ?? '', address: message.remote.address },
    content: () => message.content.stream(),
  };
}
