import type { Resinfo, Resolver, SpfCheck, SpfWord } from '@maitred/authentication-results';
import type { SpfCall, SPFResult } from '@maitred/authentication-results/mailauth';
import { bounded, type Bounds } from './bounded.ts';
import { describe } from './describe.ts';
import { safeText } from './safe-text.ts';

/** What one identity is checked by (RFC 7208 4.1). */
export interface Question {
  readonly identity: SpfCheck['identity'];
  /** `local@domain`, nothing quoted; empty for the HELO identity. */
  readonly sender: string;
  /** The domain that is asked, lower case, A-labels. */
  readonly domain: string;
  readonly ip: string;
  readonly helo: string;
  /** Our name. */
  readonly receiver: string;
}

/** How it is checked. */
export interface Means {
  readonly spf: SpfCall;
  readonly resolver: Resolver;
  readonly bounds: Bounds;
  readonly strict: boolean;
  /** Milliseconds. */
  readonly timeLimit: number;
  /** Void answers. */
  readonly voids: number;
}

/** A check, and what the header says of it. */
export interface Checked {
  readonly check: SpfCheck;
  readonly resinfo: Resinfo;
}

/** Checks one identity. Never rejects: what fails is a `temperror`. */
export async function check(question: Question, means: Means): Promise<Checked> {
  const { spf, strict, timeLimit, voids } = means;
  const { sender, ip, helo, receiver } = question;
  const limits = { maxElapsedTime: timeLimit, maxVoidCount: voids };
  const resolver = bounded(means.resolver, means.bounds);
  try {
    return found(question, await spf({ sender, ip, helo, mta: receiver, resolver, strict, ...limits }));
  } catch {
    return unfinished(question, 'the check failed');
  }
}

/** What is said of a check that came to no end. */
export function unfinished(question: Question, why: string): Checked {
  return checked(question, { result: 'temperror', why });
}

const words: readonly SpfWord[] = ['none', 'neutral', 'pass', 'fail', 'softfail', 'temperror', 'permerror'];

function found(question: Question, { status, explanation }: SPFResult): Checked {
  const result = words.find((word) => word === status.result) ?? 'temperror';
  return checked(question, {
    result,
    why: result.endsWith('error') ? problemIn(status.comment, question) : undefined,
    explanation: result === 'fail' && explanation !== undefined ? safeText(explanation) : undefined,
    mailfrom: status.smtp?.['mailfrom'],
  });
}

/** mailauth's words for it, at the end of a comment that repeats what we know. */
function problemIn(comment: string | false | undefined, { sender, helo }: Question): string | undefined {
  const known = `during lookup of ${sender === '' ? `postmaster@${helo}` : sender}: `;
  const [, problem = ''] = (comment || '').split(known);
  return safeText(problem);
}

interface Details {
  readonly result: SpfWord;
  /** What went wrong. */
  readonly why?: string | undefined;
  readonly explanation?: string | undefined;
  /** What a header may show of the reverse-path: its domain; all of it where the policy looks at the local part. */
  readonly mailfrom?: string | undefined;
}

function checked(question: Question, { result, why, explanation, mailfrom }: Details): Checked {
  const { identity, domain, helo } = question;
  const comment = describe(result, question, why);
  const value = identity === 'helo' ? helo : (mailfrom ?? domain);
  return {
    check: { identity, result, domain, comment, ...(explanation === undefined ? {} : { explanation }) },
    resinfo: { method: 'spf', result, comment, properties: [{ ptype: 'smtp', property: identity, value }] },
  };
}
