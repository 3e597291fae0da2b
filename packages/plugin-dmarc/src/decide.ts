import type { Arc, DmarcPolicy } from '@maitred/authentication-results';
import type { Awaitable } from '@maitred/core';
import type { Evaluation } from './evaluate.ts';
import type { OverrideReason } from './aggregate/evaluated.ts';

/** Why a message is treated better than its author's domain asks, and how. */
export interface Override {
  /** What the domain's owner reads of it (RFC 9990 3.1.6). */
  readonly type: Exclude<OverrideReason['type'], 'policy_test_mode'>;
  readonly comment?: string;
  /** What becomes of the message. Default: `none`. */
  readonly disposition?: 'none' | 'quarantine';
}

/** What is done with a message. */
export interface Decision {
  readonly action: DmarcPolicy | 'defer' | 'ambiguous';
  readonly reasons: readonly OverrideReason[];
}

/** What a decision stands on, beside what was evaluated. */
export interface Grounds {
  /** Whether policies are applied, or only found out. */
  readonly enforced: boolean;
  /** Whether a From that names nobody, because it names several, is refused. */
  readonly refuseAmbiguous: boolean;
  readonly arc: Arc | undefined;
  readonly override: () => Awaitable<Override | undefined>;
}

/** Decides what to do with a message: the policy, unless a trusted chain or the application says better. */
export async function decide(evaluation: Evaluation, grounds: Grounds): Promise<Decision> {
  const { result, stake, applied } = evaluation;
  if (result === 'permerror') {
    return { action: grounds.enforced && grounds.refuseAmbiguous ? 'ambiguous' : 'none', reasons: [] };
  }
  if (result !== 'fail' && result !== 'temperror') return { action: 'none', reasons: [] };
  const tested: OverrideReason[] = result === 'fail' && applied?.milder === true ? [{ type: 'policy_test_mode' }] : [];
  if (stake === 'none') return { action: 'none', reasons: tested };
  if (!grounds.enforced) {
    return {
      action: 'none',
      reasons: [...tested, { type: 'local_policy', comment: 'policies are not enforced here' }],
    };
  }
  const sealed = sealedPass(evaluation.domain, grounds.arc);
  if (sealed !== undefined) return { action: 'none', reasons: [...tested, { type: 'local_policy', comment: sealed }] };
  const overridden = await grounds.override();
  if (overridden) {
    const { type, comment, disposition = 'none' } = overridden;
    return { action: disposition, reasons: [...tested, { type, ...(comment === undefined ? {} : { comment }) }] };
  }
  return { action: result === 'temperror' ? 'defer' : stake, reasons: tested };
}

/**
 * That a sealer the application listed saw DMARC pass for this author, as an aggregate report says it (RFC 8617 7.2.1);
 * undefined where none did.
 */
export function sealedPass(author: string, arc: Arc | undefined): string | undefined {
  if (author === '' || arc?.result !== 'pass') return undefined;
  const saw = arc.trusted.some(({ results }) =>
    results.some(
      ({ method, result, properties }) =>
        method === 'dmarc' &&
        result === 'pass' &&
        properties.some(
          ({ ptype, property, value }) => ptype === 'header' && property === 'from' && isDomainOf(value, author),
        ),
    ),
  );
  if (!saw) return undefined;
  const seals = arc.sets
    .toReversed()
    .map(({ instance, domain, selector }) => ` as[${instance}].d=${domain} as[${instance}].s=${selector}`);
  return `arc=pass${seals.join('')}`;
}

/** `header.from` is the domain; some write the address. */
const isDomainOf = (value: string, author: string): boolean =>
  value
    .slice(value.lastIndexOf('@') + 1)
    .replace(/\.$/, '')
    .toLowerCase() === author;
