import type { Dkim, Spf } from '@maitred/authentication-results';
import type { Message } from '@maitred/core';
import type { Decision } from '../decide.ts';
import type { Evaluation } from '../evaluate.ts';
import type { Evaluated } from './evaluated.ts';
import { reportingTags } from './published.ts';

/** What was found and done, and of whom. */
export interface Happened {
  readonly message: Pick<Message, 'remote' | 'sender' | 'recipients'>;
  readonly evaluation: Evaluation;
  readonly decision: Decision;
  readonly spf: Spf | undefined;
  readonly dkim: readonly Dkim[] | undefined;
  readonly at: number;
}

/**
 * A message as an aggregate report counts it. Undefined without a policy; and for a message that is deferred, because it
 * comes again.
 */
export function evaluatedOf({ message, evaluation, decision, spf, dkim, at }: Happened): Evaluated | undefined {
  const { applied, aligned, result, policy, domain, comment } = evaluation;
  const { action, reasons } = decision;
  if (!applied || action === 'defer' || action === 'ambiguous') return undefined;
  const { domain: policyDomain, p, sp, np, adkim, aspf, testing, text } = applied;
  const domains = new Set(message.recipients.map(({ path }) => path.domain));
  const [envelopeTo] = domains;
  return {
    at,
    source: message.remote.address,
    published: { domain: policyDomain, p, sp, np, adkim, aspf, testing, ...reportingTags(text) },
    disposition: result === 'pass' && policy !== 'none' ? 'pass' : action,
    aligned: { dkim: aligned.dkim !== undefined, spf: aligned.spf !== undefined },
    // Nobody aligned, and yet nothing was done: the owner is told why.
    reasons: result === 'temperror' ? [...reasons, { type: 'other', comment: `temporary error: ${comment}` }] : reasons,
    headerFrom: domain,
    envelopeFrom: message.sender.domain ?? '',
    ...(domains.size === 1 && envelopeTo !== undefined ? { envelopeTo } : {}),
    dkim: (dkim ?? [])
      .map((signature) => ({ signature, rank: rank(signature, evaluation) }))
      .toSorted((one, other) => one.rank - other.rank)
      .map(({ signature: { domain, selector, result, comment } }) => ({
        domain,
        selector,
        result,
        ...(comment === undefined ? {} : { comment }),
      })),
    ...(spf && {
      spf: {
        domain: spf.domain,
        result: spf.result,
        ...(spf.comment === undefined ? {} : { comment: spf.comment }),
      },
    }),
  };
}

/** RFC 9990 3.1.3: strictly aligned, aligned, passed, the rest. */
function rank({ domain, result }: Dkim, evaluation: Evaluation): number {
  if (result !== 'pass') return 3;
  if (domain === evaluation.domain) return 0;
  const organization = evaluation.organizationalDomain;
  return domain === organization || domain.endsWith(`.${organization}`) ? 1 : 2;
}
