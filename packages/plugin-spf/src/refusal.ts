import { isDomain, replies, type Reply } from '@maitred/core';
import type { Spf, SpfCheck } from '@maitred/authentication-results';

/**
 * What `enforce` answers (RFC 7208 8, RFC 7372 3.2); undefined lets the recipient pass.
 *
 * - `fail`, of MAIL FROM or of HELO: 550 5.7.23, the domain's explanation quoted as its own words.
 * - `temperror` of MAIL FROM: 451 4.7.24. Of HELO it delays nothing: nobody needs a record for it (2.3).
 * - `permerror` of MAIL FROM: 550 5.7.24, if that is asked for.
 */
export function refusal(spf: Spf, permerror: 'accept' | 'refuse'): Reply | undefined {
  const failed = spf.result === 'fail' ? spf : spf.helo?.result === 'fail' ? spf.helo : undefined;
  if (failed)
    return replies.of(
      550,
      '5.7.23',
      `${checkOf(failed)} failed: its domain does not permit this client`,
      ...explained(failed),
    );
  if (spf.result === 'temperror')
    return replies.of(451, '4.7.24', `${checkOf(spf)} could not be completed: try again later`);
  if (spf.result !== 'permerror' || permerror === 'accept') return undefined;
  return replies.of(550, '5.7.24', `${checkOf(spf)} failed: its domain's record is in error`);
}

const checkOf = ({ identity }: SpfCheck): string => `SPF check of ${identity === 'helo' ? 'HELO' : 'MAIL FROM'}`;

/** RFC 7208 6.2: who says it has to be clear. */
function explained({ domain, explanation }: SpfCheck): string[] {
  if (explanation === undefined) return [];
  return [`The domain ${isDomain(domain) ? domain : 'itself'} explains: "${explanation}"`];
}
