import { Log, type Message, type Recipient } from '@maitred/core';
import { notification, originalOf, recipientRequest, type Report } from '@maitred/plugin-dsn';
import { Handover, type Smarthost } from './handover.ts';
import type { Failure } from './refusal.ts';

/** What became of a recipient's copy. */
export interface Handed {
  readonly recipient: Recipient;
  /** Why the smarthost did not take it. */
  readonly refused?: Failure;
  /** The smarthost's reply. */
  readonly accepted?: string;
  /** Whether the smarthost offers DSN: then it notifies of the rest itself. */
  readonly notifies?: boolean;
}

/**
 * Sends the sender what it wants to know, by the smarthost: that a copy failed, or that it went to who won't report its
 * delivery (RFC 3461 5.2.2). Whether everybody who has to be told was.
 */
export async function notify(message: Message, next: Smarthost, handed: readonly Handed[]): Promise<boolean> {
  const reports = handed.flatMap((each) => reportOf(next, each));
  try {
    const told = await notification(originalOf(message), reports, { reportingMta: message.hostname });
    if (!told) return true;
    const envelope = {
      from: false,
      to: told.envelope.to,
      use8BitMime: told.eightBit,
      dsn: { notify: 'NEVER' },
    } as const;
    const handover = new Handover({ name: message.hostname, ...next }, envelope, told.stream());
    await handover.finish();
    return true;
  } catch (error) {
    message.inject(Log).error({ id: message.id, err: error }, 'a sender could not be notified');
    return false;
  }
}

function reportOf({ host }: Smarthost, { recipient, refused, accepted, notifies }: Handed): Report[] {
  const about = { ...recipientRequest(recipient), recipient: recipient.path.mailbox, remoteMta: host };
  const lastAttempt = Date.now();
  if (refused) {
    return [{ ...about, action: 'failed', diagnostic: refused.response ?? refused.message, lastAttempt }];
  }
  return notifies ? [] : [{ ...about, action: 'relayed', diagnostic: accepted, lastAttempt }];
}
