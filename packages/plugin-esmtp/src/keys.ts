import { key } from '@maitred/core';
import type { Key } from '@maitred/core';

/**
 * Transaction key: the octets that MAIL's SIZE parameter announced (RFC 1870 4); unset when the client announced none.
 * A client's word, not a count: what arrives may be more. Beyond 2^53 it is rounded.
 */
export const DeclaredSize: Key<number, 'transaction'> = key('declared size', 'transaction');

/**
 * Transaction key: how MAIL's BODY parameter announced the content (RFC 6152 3, RFC 3030 3); unset when it did not.
 * `8BITMIME` and `BINARYMIME` must not go unencoded to a server that doesn't offer them.
 */
export const BodyType: Key<'7BIT' | '8BITMIME' | 'BINARYMIME', 'transaction'> = key(
  '8BITMIME body type',
  'transaction',
);

/** Session key: the domains, in A-labels, that recipients were accepted in; `limits` counts them (RFC 9422 4.3). */
export const RecipientDomains: Key<Set<string>, 'session'> = key('recipient domains', 'session');
