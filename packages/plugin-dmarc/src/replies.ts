import { isDomain, replies, type Reply } from '@maitred/core';
import type { Decision } from './decide.ts';

/** What the client reads of a decision, that a domain's policy made necessary; undefined where the message passes on. */
export function replyTo(action: Decision['action'], domain: string): Reply | undefined {
  // The name is a stranger's: it is told if it is one.
  const of = isDomain(domain) ? ` of ${domain}` : '';
  if (action === 'reject') return replies.of(550, '5.7.1', `Refused by the DMARC policy${of}`);
  if (action === 'defer')
    return replies.of(451, '4.7.1', `The DMARC policy${of} can't be applied now: try again later`);
  return action === 'ambiguous' ? ambiguousAuthor : undefined;
}

const ambiguousAuthor = replies.of(550, '5.7.1', 'DMARC: From has to name addresses of one domain, in one field');
