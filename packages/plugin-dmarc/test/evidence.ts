import type { Arc, ArcSet, Dkim, DkimWord, Spf, SpfWord } from '@maitred/authentication-results';

/** What SPF found of MAIL FROM. */
export const spfOf = (result: SpfWord, domain: string): Spf => ({ identity: 'mailfrom', result, domain, resinfo: [] });

/** What DKIM found of a signature. */
export const dkimOf = (result: DkimWord, domain: string, more: Partial<Dkim> = {}): Dkim => ({
  result,
  domain,
  selector: 's1',
  algorithm: 'rsa-sha256',
  identity: `@${domain}`,
  counts: result === 'pass',
  uncovered: 0,
  testing: false,
  future: false,
  resinfo: [],
  ...more,
});

/** A chain that passed, whose sealers each say what they found of an author; those from `trustedFrom` on are trusted. */
export function chainOf(
  hops: readonly (readonly [sealer: string, dmarc: string, author: string])[],
  trustedFrom: number,
): Arc {
  const sets = hops.map(([domain, result, author], index): ArcSet => ({
    instance: index + 1,
    domain,
    selector: 'seal',
    authservId: domain,
    results: [
      { method: 'spf', result: 'pass', properties: [] },
      { method: 'dmarc', result, properties: [{ ptype: 'header', property: 'from', value: author }] },
    ],
  }));
  return { result: 'pass', sets, trusted: sets.slice(trustedFrom - 1), resinfo: [] };
}
