import type { ArcSet } from '@maitred/authentication-results';
import { parseDomain } from './domain.ts';

/** The sealers whose chains may override DMARC: their domains, or a function of a set. */
export type Trusted = readonly string[] | ((set: ArcSet) => boolean);

/**
 * A test of sealers by {@link Trusted}: domains are compared whole, as A-labels, in any case; a subdomain is another
 * sealer. Throws RangeError for what is no domain.
 */
export function trusts(trusted: Trusted = []): (set: ArcSet) => boolean {
  if (typeof trusted === 'function') return trusted;
  const domains = new Set(trusted.map(named));
  return ({ domain }) => domains.has(domain);
}

/**
 * Of a chain that passed, its last sets as far back as their sealers are trusted. Whoever seals may have changed all of
 * the message, and vouches for no hop before: behind the first sealer that isn't trusted, nothing counts (RFC 8617 9.4).
 */
export function trustedSets(sets: readonly ArcSet[], isTrusted: (set: ArcSet) => boolean): readonly ArcSet[] {
  return sets.slice(sets.findLastIndex((set) => !isTrusted(set)) + 1);
}

function named(name: string): string {
  const domain = parseDomain(name);
  if (domain === undefined) throw new RangeError(`trusted: ${JSON.stringify(name)} is no domain`);
  return domain;
}
