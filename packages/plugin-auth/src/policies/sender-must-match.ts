import {
  definePlugin,
  Identity,
  parsePath,
  replies,
  type Awaitable,
  type Identified,
  type Path,
  type Plugin,
  type Transaction,
} from '@maitred/core';

/** Who may send as whom. */
export interface SenderMustMatchOptions {
  /** Default: an identity that is a mailbox may send as that mailbox, the domain in any case. */
  readonly allow?: (identity: Identified, sender: Path, transaction: Transaction) => Awaitable<boolean>;
}

/**
 * 553 5.7.1 to an authenticated client whose reverse-path isn't its own. The null path passes, which is what notifications
 * are sent with, and so does who is anonymous: add `requireAuth()` where nobody may be.
 */
export function senderMustMatch({ allow = isTheirOwn }: SenderMustMatchOptions = {}): Plugin {
  return definePlugin({
    name: 'sender-must-match',
    requires: [Identity],
    stages: {
      mail: async (transaction, next) => {
        const identity = transaction.get(Identity);
        const { sender } = transaction;
        if (!identity || sender.null || (await allow(identity, sender, transaction))) return next();
        return notYours;
      },
    },
  });
}

const notYours = replies.of(553, '5.7.1', 'Sender address not permitted for this user');

function isTheirOwn({ id }: Identified, sender: Path): boolean {
  const parsed = parsePath(`<${id}>`);
  if (typeof parsed === 'string' || parsed.rest !== id.length + 2) return false;
  return parsed.path.local === sender.local && parsed.path.domain === sender.domain && !sender.null;
}
