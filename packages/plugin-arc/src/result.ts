import { isIP } from 'node:net';
import type { Arc, ArcSet, Property } from '@maitred/authentication-results';
import type { ARCChainEntry, ARCResult } from '@maitred/authentication-results/mailauth';
import { parseDomain } from './domain.ts';
import { readPayload } from './payload.ts';
import { trustedSets } from './trust.ts';

/** What {@link arcOf} goes by. */
export interface Judgement {
  readonly isTrusted: (set: ArcSet) => boolean;
  /** The client's address, for whoever reads the next hop's results (RFC 8617 6). */
  readonly remote: string;
}

/** What was found of a chain, as a result of ours. */
export function arcOf(found: ARCResult, chain: readonly ARCChainEntry[], { isTrusted, remote }: Judgement): Arc {
  const result = found.status.result as Arc['result'];
  const sets = chain.map(setOf);
  const comment = result === 'pass' ? `i=${sets.length}` : commentOf(found);
  const properties: Property[] = isIP(remote) > 0 ? [{ ptype: 'smtp', property: 'remote-ip', value: remote }] : [];
  return {
    result,
    sets,
    trusted: result === 'pass' ? trustedSets(sets, isTrusted) : [],
    ...(comment !== undefined && { comment }),
    resinfo: [{ method: 'arc', result, ...(comment !== undefined && { comment }), properties }],
  };
}

/** Why a chain fails: there is always a reason, even where mailauth names none (RFC 8617 5.2.1: the DNS is one). */
function commentOf({ status }: ARCResult): string | undefined {
  if (status.result !== 'fail') return undefined;
  return typeof status.comment === 'string' && status.comment !== '' ? status.comment : 'a key could not be fetched';
}

function setOf(entry: ARCChainEntry): ArcSet {
  const seal = entry['arc-seal']?.parsed as Readonly<Record<string, { readonly value?: unknown } | undefined>>;
  const results: unknown = entry['arc-authentication-results']?.original ?? '';
  return {
    instance: entry.i,
    // What is no domain is nobody's.
    domain: parseDomain(textOf(seal?.['d']?.value)) ?? '',
    selector: textOf(seal?.['s']?.value),
    ...readPayload(String(results)),
  };
}

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
