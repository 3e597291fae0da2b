import { isDomain, replies, type Reply } from '@maitred/core';

/** 550 5.7.1: the policy of the author's domain (RFC 9989 8.3). */
export const refusedByPolicy = (domain: string): Reply =>
  replies.of(550, '5.7.1', `Refused by the DMARC policy${of(domain)}`);

/** 550 5.7.1: an author that nobody can tell (RFC 9989 11.5). */
export const ambiguousAuthor: Reply = replies.of(
  550,
  '5.7.1',
  'DMARC: From has to name addresses of one domain, in one field',
);

/** 451 4.7.1: something didn't answer that decides whether the policy applies. */
export const tryAgain = (domain: string): Reply =>
  replies.of(451, '4.7.1', `The DMARC policy${of(domain)} can't be applied now: try again later`);

/** The name is a stranger's: it is told if it is one. */
const of = (domain: string): string => (isDomain(domain) ? ` of ${domain}` : '');
