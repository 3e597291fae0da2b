import type { Transaction } from '@maitred/core';
import { ArcResult, DkimResults, DmarcResult, IprevResult, SpfResult } from '../keys.ts';
import type { Resinfo } from '../results.ts';

/** The keys that {@link resultsOf} reads: who calls it names them among its `optional`. */
export const resultKeys: readonly [
  typeof IprevResult,
  typeof SpfResult,
  typeof DkimResults,
  typeof ArcResult,
  typeof DmarcResult,
] = [IprevResult, SpfResult, DkimResults, ArcResult, DmarcResult];

/** What was found of a message so far, in the order it is reported: iprev, spf, dkim, arc, dmarc. Waits for what is pending. */
export async function resultsOf(ctx: Transaction): Promise<readonly Resinfo[]> {
  const [iprev, spf] = await Promise.all([ctx.get(IprevResult), ctx.get(SpfResult)]);
  const dkim = ctx.get(DkimResults);
  return [
    ...(iprev?.resinfo ?? []),
    ...(spf?.resinfo ?? []),
    ...(dkim?.length === 0 ? [unsigned] : (dkim ?? []).flatMap(({ resinfo }) => resinfo)),
    ...(ctx.get(ArcResult)?.resinfo ?? []),
    ...(ctx.get(DmarcResult)?.resinfo ?? []),
  ];
}

/** RFC 8601 2.7.1. */
const unsigned: Resinfo = { method: 'dkim', result: 'none', comment: 'message not signed', properties: [] };
