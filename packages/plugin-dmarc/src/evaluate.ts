import type { Dkim, DmarcPolicy, Resolver, Spf } from '@maitred/authentication-results';
import type { DmarcAnswer, DmarcCall } from '@maitred/authentication-results/mailauth';
import type { PolicyRecord } from './record.ts';

/** What DMARC has to go by. A method that nobody checked is undefined; a message without signatures has an empty list. */
export interface Evidence {
  /** The addresses of all From fields, and the number of those fields. */
  readonly headerFrom: readonly string[];
  readonly fromFields: number;
  /** From has what one reader takes for an address and another for none: nobody can say who the author is. */
  readonly unreadable?: boolean;
  readonly spf: Spf | undefined;
  readonly dkim: readonly Dkim[] | undefined;
  readonly resolver: Resolver;
}

/** The record that counts, as it was applied. */
export interface Applied extends PolicyRecord {
  /** Whether `testing` makes a difference to this message. */
  readonly milder: boolean;
  /** The record's text, as published. */
  readonly text: string;
}

/** What the protocol says of a message, before anybody decides what to do with it. */
export interface Evaluation {
  readonly result: 'none' | 'pass' | 'fail' | 'temperror' | 'permerror';
  /** The author's domain; empty where From has none, or several. */
  readonly domain: string;
  /** What is asked for this message, `sp`, `np` and `t` applied. */
  readonly policy?: DmarcPolicy;
  readonly organizationalDomain?: string;
  readonly applied?: Applied;
  readonly aligned: { readonly spf?: string; readonly dkim?: string };
  /** What would be at stake if the message failed: of a temporary error, the worst that may be asked. */
  readonly stake: DmarcPolicy;
  /** Why, in words of ours. */
  readonly comment?: string;
}

/**
 * Evaluates a message (RFC 9989 5.3): finds the policy and the alignment of what the others verified. Never rejects.
 *
 * What failed only for now is no failure: where nothing aligned passed and SPF or DKIM met a temporary error, or neither
 * was checked, the result is `temperror` (RFC 9989 5.3.5).
 */
export async function evaluate(ask: DmarcCall, evidence: Evidence): Promise<Evaluation> {
  const { headerFrom, fromFields, unreadable = false, spf, dkim, resolver } = evidence;
  if (unreadable && fromFields <= 1) return unclear({ response: false, reason: 'invalid-author-domain' });
  const spfDomains = spf?.result === 'pass' && spf.domain !== '' ? [spf.domain] : [];
  const dkimDomains = [...new Set(dkim?.filter(({ counts }) => counts).map(({ domain }) => domain))];
  const answer = await ask({
    headerFrom,
    fromFields,
    spfDomains,
    dkimDomains: dkimDomains.map((domain) => ({ domain })),
    resolver,
    strict: true,
  });
  const { response } = answer;
  if (response === false) return unclear(answer);

  const { status, policyDomain } = response;
  const author = (status.header?.from ?? '').replace(/\.$/, '');
  const found = {
    domain: author,
    ...(response.domain ? { organizationalDomain: response.domain } : {}),
    aligned: {},
  };
  if (policyDomain === undefined) {
    if (status.result !== 'temperror') return { ...found, result: 'none', stake: 'none' };
    // Whatever the record says: what is the author's domain itself is aligned with it.
    const aligns = [...spfDomains, ...dkimDomains].includes(author);
    return { ...found, result: 'temperror', stake: aligns ? 'none' : 'reject', comment: 'no answer for the policy' };
  }

  const applied = appliedOf(response, policyDomain, author);
  const policy = response.policy as DmarcPolicy;
  const { spf: bySpf, dkim: byDkim } = response.alignment;
  const known = {
    ...found,
    policy,
    applied,
    aligned: {
      ...(bySpf.result === undefined ? {} : { spf: bySpf.result }),
      ...(byDkim.result === undefined ? {} : { dkim: byDkim.result }),
    },
  };
  if (status.result === 'temperror') {
    const stake = candidates(applied, author)
      .map(applied.testing ? milder : same)
      .reduce(worst);
    return { ...known, result: 'temperror', stake, comment: 'no answer for the policy or for what may align' };
  }
  if (status.result === 'pass') return { ...known, result: 'pass', stake: policy };
  const temporary = temporaryError(spf, dkim);
  if (temporary !== undefined) return { ...known, result: 'temperror', stake: policy, comment: temporary };
  return { ...known, result: 'fail', stake: policy };
}

/** RFC 9989 5.3.1: no author's domain, or nobody can say which. */
function unclear({ reason, authorDomains = [] }: DmarcAnswer): Evaluation {
  const none = { domain: '', aligned: {}, stake: 'none' } as const;
  switch (reason) {
    case 'multiple-from-fields':
      return { ...none, result: 'permerror', comment: 'several From fields' };
    case 'multiple-author-domains':
      return { ...none, result: 'permerror', comment: `${authorDomains.length} domains in From` };
    case 'invalid-author-domain':
      return { ...none, result: 'permerror', comment: 'an address in From that can not be read' };
    default:
      return { ...none, result: 'none', comment: 'no domain in From' };
  }
}

function temporaryError(spf: Spf | undefined, dkim: readonly Dkim[] | undefined): string | undefined {
  if (!spf && !dkim) return 'neither SPF nor DKIM was checked';
  if (spf?.result === 'temperror') return 'SPF met a temporary error';
  return dkim?.some(({ result }) => result === 'temperror') ? 'DKIM met a temporary error' : undefined;
}

type Response = Exclude<DmarcAnswer['response'], false>;

function appliedOf(response: Response, domain: string, author: string): Applied {
  const sp = response.sp as DmarcPolicy;
  const policies = { domain, p: response.p as DmarcPolicy, sp, np: (response.np ?? sp) as DmarcPolicy };
  const asked = candidates(policies, author);
  return {
    ...policies,
    adkim: response.alignment.dkim.strict ? 's' : 'r',
    aspf: response.alignment.spf.strict ? 's' : 'r',
    testing: response.testMode,
    milder: response.testMode && asked.some((one) => one !== 'none' && milder(one) === response.policy),
    text: response.rr ?? '',
  };
}

/** What may have been asked for the author: of a subdomain, nobody tells whether it exists. */
function candidates(of: Pick<Applied, 'domain' | 'p' | 'sp' | 'np'>, author: string): DmarcPolicy[] {
  return of.domain === author ? [of.p] : [of.sp, of.np];
}

const order: readonly DmarcPolicy[] = ['none', 'quarantine', 'reject'];

const worst = (one: DmarcPolicy, other: DmarcPolicy): DmarcPolicy =>
  order.indexOf(one) > order.indexOf(other) ? one : other;

const milder = (policy: DmarcPolicy): DmarcPolicy => order[Math.max(0, order.indexOf(policy) - 1)] ?? 'none';
const same = (policy: DmarcPolicy): DmarcPolicy => policy;
