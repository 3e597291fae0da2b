import {
  definePlugin,
  Internationalized,
  Log,
  replies,
  SmtpError,
  type Message,
  type Outcome,
  type Plugin,
} from '@maitred/core';
import { EnvelopeId, Notify, OriginalRecipient, ReturnContent } from '@maitred/plugin-dsn';
import { BodyType } from '@maitred/plugin-esmtp';
import { groupsOf, type Group } from './groups.ts';
import { Handover, type Smarthost } from './handover.ts';
import { notify, type Handed } from './notify.ts';
import { refusal, type Failure } from './refusal.ts';

export type { Smarthost } from './handover.ts';

/**
 * Hands every message to one server, in two phases: `prepare` does all but the final dot, `commit` sends that. 250 means that
 * the smarthost has the message, for whoever it took it for; where it refused some recipients, their sender is notified.
 */
export function smarthost(next: Smarthost): Plugin {
  return definePlugin({
    name: 'smarthost',
    optional: [ReturnContent, EnvelopeId, Notify, OriginalRecipient, BodyType, Internationalized],
    stages: {
      deliver: (message) => {
        const handovers: { readonly group: Group; readonly handover: Handover }[] = [];
        const hangUp = (): void => {
          for (const { handover } of handovers) handover.abandon();
        };
        return {
          recipients: message.recipients,
          prepare: async (signal) => {
            for (const group of groupsOf(message)) {
              const handover = new Handover(
                { name: message.hostname, ...next },
                group.envelope,
                message.content.stream(),
              );
              handovers.push({ group, handover });
            }
            signal.addEventListener('abort', hangUp, { once: true });
            try {
              await Promise.all(handovers.map(({ handover }) => handover.ready()));
            } catch (error) {
              throw new SmtpError(told(message, error), { cause: error });
            } finally {
              // From here on a client that goes away stops nothing: what was committed is seen through.
              signal.removeEventListener('abort', hangUp);
            }
          },
          commit: async () => {
            const handed: Handed[] = [];
            for (const each of handovers) handed.push(...(await finished(message, each)));
            return outcomes(message, next, handed);
          },
          rollback: async () => hangUp(),
        };
      },
    },
  });
}

/** What became of each recipient of a group. */
async function finished(
  message: Message,
  { group, handover }: { readonly group: Group; readonly handover: Handover },
): Promise<Handed[]> {
  try {
    const { rejectedErrors = [], ehlo = [], response } = await handover.finish();
    const notifies = ehlo.some((line) => /^DSN$/i.test(line));
    return group.recipients.map((recipient): Handed => {
      const refused = rejectedErrors.find((error) => error.recipient === recipient.path.mailbox);
      return refused ? { recipient, refused } : { recipient, accepted: response, notifies };
    });
  } catch (error) {
    told(message, error);
    return group.recipients.map((recipient) => ({ recipient, refused: error as Failure }));
  }
}

/** The client hears one reply: that all is well, as soon as somebody's copy is gone and the others' sender is notified. */
async function outcomes(message: Message, next: Smarthost, handed: readonly Handed[]): Promise<Outcome[]> {
  const some = handed.some(({ refused }) => refused === undefined);
  const notified = some && (await notify(message, next, handed));
  return handed.map(({ recipient, refused }) => ({ recipient, reply: refused ? replyTo(refused) : accepted(message) }));

  function replyTo(failure: Failure): Outcome['reply'] {
    if (notified) return accepted(message);
    // Some copies are gone, and nobody could be told of the others: to send again is better than to lose them.
    return some ? unfinished : refusal(failure);
  }
}

const accepted = ({ id }: Message): Outcome['reply'] => replies.of(250, '2.0.0', `Handed on as ${id}`);
const unfinished = replies.of(451, '4.4.2', 'Only some recipients were accepted, try again later');

/** The reply, after the reason was logged. */
function told(message: Message, error: unknown): Outcome['reply'] {
  const reply = refusal(error as Failure);
  message.inject(Log).warn({ id: message.id, err: error, code: reply.code }, 'the smarthost did not take a message');
  return reply;
}
