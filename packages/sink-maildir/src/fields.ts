import type { CopyEdits, Message, Recipient } from '@maitred/core';

/** Which fields a final delivery adds. */
export interface Fields {
  readonly returnPath?: boolean;
  readonly deliveredTo?: boolean;
}

/** What one mailbox's copy says at its top; nothing at all leaves the octets as they were received. */
export function editsFor(
  message: Message,
  recipients: readonly Recipient[],
  { returnPath = true, deliveredTo = false }: Fields,
): CopyEdits {
  // <Postmaster> has no domain of its own (RFC 5321 4.5.1), the field must (RFC 9228 3).
  const address = ({ path }: Recipient): string =>
    path.domain === undefined ? `${path.mailbox}@${message.hostname}` : path.mailbox;
  const delivered = deliveredTo ? recipients.map((recipient) => `Delivered-To: ${address(recipient)}`) : [];
  if (!returnPath) return { prepend: delivered };
  return {
    prepend: [`Return-Path: <${message.sender.mailbox}>`, ...delivered],
    // One of them, and not a stranger's: RFC 5321 4.4 lets a final delivery drop what came.
    remove: (name) => name.toLowerCase() === 'return-path',
  };
}
