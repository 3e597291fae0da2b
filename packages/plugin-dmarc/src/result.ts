import type { Dmarc, DmarcPolicy } from '@maitred/authentication-results';
import type { Decision } from './decide.ts';
import type { Evaluation } from './evaluate.ts';
import { short } from './short.ts';

/** What the key and the header say of a message. */
export function resultOf(evaluation: Evaluation, { action, reasons }: Decision): Dmarc {
  const { result, domain, policy, applied, organizationalDomain, aligned, comment } = evaluation;
  const overridden = reasons
    .map(({ type, comment }) => (comment === undefined ? type : `${type}: ${comment}`))
    .join(', ');
  return {
    result,
    domain,
    ...(policy === undefined ? {} : { policy }),
    disposition: dispositions[action],
    ...(applied ? { policyDomain: applied.domain } : {}),
    ...(organizationalDomain === undefined ? {} : { organizationalDomain }),
    aligned,
    ...(comment === undefined ? {} : { comment }),
    resinfo: [
      {
        method: 'dmarc',
        result,
        ...(overridden === '' ? {} : { reason: short(overridden) }),
        ...(comment === undefined ? {} : { comment }),
        properties: [
          ...(domain === '' ? [] : [{ ptype: 'header', property: 'from', value: domain }]),
          // RFC 9989 9.1: what was evaluated, so nothing where it could not be.
          ...(policy === undefined || result === 'temperror'
            ? []
            : [{ ptype: 'policy', property: 'dmarc', value: policy }]),
        ],
      },
    ],
  };
}

const dispositions = {
  none: 'none',
  quarantine: 'quarantine',
  reject: 'reject',
  defer: 'none',
  ambiguous: 'none',
} as const satisfies Record<Decision['action'], DmarcPolicy>;
