import { Internationalized, type Message, type Recipient } from '@maitred/core';
import { encodeUnitext, messageRequest, recipientRequest, type OriginalRecipient } from '@maitred/plugin-dsn';
import { BodyType } from '@maitred/plugin-esmtp';
import type { SMTPEnvelope } from 'nodemailer/lib/smtp-connection';

/** Recipients that go in one transaction, and the envelope of that. */
export interface Group {
  readonly recipients: readonly Recipient[];
  readonly envelope: SMTPEnvelope;
}

/**
 * The recipients by what they ask of notifications, because nodemailer asks the same for all of a transaction: almost always
 * one group, never more than there are values of NOTIFY. An ORCPT goes along where its recipient is alone.
 */
export function groupsOf(message: Message): Group[] {
  const groups = new Map<string, Recipient[]>();
  for (const recipient of message.recipients) {
    const notify = [...(recipientRequest(recipient).notify ?? [])].toSorted().join(',');
    const group = groups.get(notify);
    if (group) group.push(recipient);
    else groups.set(notify, [recipient]);
  }
  const { returnContent, envelopeId } = messageRequest(message);
  return Array.from(groups, ([notify, recipients]) => {
    const [{ originalRecipient } = {}, ...others] = recipients.map((recipient) => recipientRequest(recipient));
    return {
      recipients,
      envelope: {
        from: message.sender.mailbox,
        to: recipients.map(({ path }) => path.mailbox),
        use8BitMime: message.get(BodyType) === '8BITMIME' || message.get(Internationalized) === true,
        dsn: {
          ret: returnContent,
          envid: envelopeId?.value,
          notify: notify === '' ? undefined : notify,
          orcpt: originalRecipient && others.length === 0 ? plain(originalRecipient) : undefined,
        },
      },
    };
  });
}

/** An address as nodemailer takes it, which encodes it as xtext: what RFC 6533 3 encodes by itself has nothing left for that. */
function plain({ type, address }: OriginalRecipient): string {
  return `${type};${type === 'utf-8' ? encodeUnitext(address, 'xtext') : address}`;
}
