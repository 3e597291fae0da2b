import { definePlugin, replies } from '@maitred/core';
import type { Limits, Plugin } from '@maitred/core';
import { RecipientDomains } from './keys.ts';
import { namedOptions } from './named-options.ts';

/** What {@link limits} is made with. */
export interface LimitsOptions {
  /**
   * Different domains that one session's recipients may have, a whole number from 1; 452 4.5.3 to a recipient in one more,
   * until the client comes anew. Default: Infinity.
   */
  readonly recipientDomains?: number;
}

/**
 * LIMITS (RFC 9422): tells clients beforehand what they are held to anyway. MAILMAX is core's `messages`, RCPTMAX core's
 * `recipients`, RCPTDOMAINMAX this plugin's own `recipientDomains`. What has no limit is left out, and what is beyond the six
 * digits that a value may have.
 *
 * Throws RangeError for `recipientDomains` that is no whole number from 1, and not Infinity; TypeError for options that are no
 * object, and for one that there isn't.
 */
export function limits(options: LimitsOptions = {}): Plugin {
  const { recipientDomains = Number.POSITIVE_INFINITY } = namedOptions('limits', options, ['recipientDomains']);
  const bounded = recipientDomains !== Number.POSITIVE_INFINITY;
  if (bounded && !(Number.isSafeInteger(recipientDomains) && recipientDomains >= 1)) {
    throw new RangeError(`a session has a whole number of recipient domains, at least 1, not ${recipientDomains}`);
  }
  return definePlugin({
    name: 'limits',
    provides: [RecipientDomains],
    extensions: {
      LIMITS: {
        when: (session) => advertised(session.limits, recipientDomains).length > 0,
        args: (session) => advertised(session.limits, recipientDomains),
      },
    },
    ...(bounded && {
      stages: {
        rcpt: {
          // Outside all others: what it counts was accepted, and nobody looks up what can't be.
          order: 'pre',
          handle: async (ctx, next) => {
            const domains = ctx.get(RecipientDomains) ?? new Set();
            const { domain } = ctx.recipient.path;
            if (domain === undefined || domains.has(domain)) return next();
            if (domains.size >= recipientDomains) return tooManyDomains;
            const reply = await next();
            if (reply.code < 300) ctx.set(RecipientDomains, domains.add(domain));
            return reply;
          },
        },
      },
    }),
  });
}

const tooManyDomains = replies.of(452, '4.5.3', 'Too many recipient domains in this session');

/** The limits as EHLO tells them: a positive number of up to six digits each, without leading zeros (RFC 9422 4). */
export function advertised({ messages, recipients }: Limits, recipientDomains: number): string[] {
  const values = { MAILMAX: messages, RCPTMAX: recipients, RCPTDOMAINMAX: recipientDomains };
  return Object.entries(values)
    .map(([name, value]) => ({ name, value: Math.floor(value) }))
    .filter(({ value }) => value >= 1 && value <= 999_999)
    .map(({ name, value }) => `${name}=${value}`);
}
