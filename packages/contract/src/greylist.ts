import { definePlugin, replies, type Plugin } from '@maitred/core';

/** Who has been here: the second time, a sender and recipient from one address may pass. */
export type Seen = Pick<Set<string>, 'add' | 'has'>;

/** Greylisting (RFC 6647): 451 for a recipient that was accepted, until its sender comes again. */
export function greylist(seen: Seen = new Set()): Plugin {
  return definePlugin({
    name: 'greylist',
    stages: {
      rcpt: async (ctx, next) => {
        const reply = await next();
        // Unknown recipients keep their 550: asking again would not help.
        if (reply.code !== 250) return reply;
        const triplet = `${ctx.remote.address} ${ctx.sender.mailbox} ${ctx.recipient.path.mailbox}`;
        if (seen.has(triplet)) return reply;
        seen.add(triplet);
        return replies.of(451, '4.7.1', 'Greylisted, come again');
      },
    },
  });
}
