import { Identity, type Identified, type Transaction } from '@maitred/core';
import { ArcResult, DkimResults, DmarcResult, IprevResult, SpfResult } from '../keys.ts';
import type { Resinfo } from '../results.ts';

/** The keys that {@link resultsOf} reads: who calls it names them among its `optional`. */
export const resultKeys: readonly [
  typeof IprevResult,
  typeof Identity,
  typeof SpfResult,
  typeof DkimResults,
  typeof ArcResult,
  typeof DmarcResult,
] = [IprevResult, Identity, SpfResult, DkimResults, ArcResult, DmarcResult];

/** What of a client is told. */
export interface Told {
  /** Whether all who read the message may know who an authenticated client is (`smtp.auth`). Default: false. */
  readonly identity?: boolean;
}

/**
 * What was found of a message so far, in the order it is reported: iprev, auth (RFC 8601 2.7.4), spf, dkim, arc, dmarc.
 * Waits for what is pending.
 */
export async function resultsOf(ctx: Transaction, { identity = false }: Told = {}): Promise<readonly Resinfo[]> {
  const [iprev, spf] = await Promise.all([ctx.get(IprevResult), ctx.get(SpfResult)]);
  const dkim = ctx.get(DkimResults);
  return [
    ...(iprev?.resinfo ?? []),
    ...authenticated(ctx.get(Identity), identity),
    ...(spf?.resinfo ?? []),
    ...(dkim?.length === 0 ? [unsigned] : (dkim ?? []).flatMap(({ resinfo }) => resinfo)),
    ...(ctx.get(ArcResult)?.resinfo ?? []),
    ...(ctx.get(DmarcResult)?.resinfo ?? []),
  ];
}

/** RFC 8601 2.7.4. */
function authenticated(client: Identified | undefined, identity: boolean): Resinfo[] {
  if (!client) return [];
  const properties = identity ? [{ ptype: 'smtp', property: 'auth', value: client.id }] : [];
  return [{ method: 'auth', result: 'pass', comment: client.by, properties }];
}

/** RFC 8601 2.7.1. */
const unsigned: Resinfo = { method: 'dkim', result: 'none', comment: 'message not signed', properties: [] };
