import type { Dkim, DkimWord, Property } from '@maitred/authentication-results';
import type { DKIMResult } from '@maitred/authentication-results/mailauth';

/** What is known beside a result. */
export interface Circumstances {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Milliseconds by which a signer's clock may be ahead. */
  readonly skew: number;
}

/** The part of mailauth's status that its types leave open. */
interface Status {
  readonly result: string;
  readonly comment?: string | false;
  readonly header?: Readonly<Record<string, string | number | false | undefined>>;
  readonly policy?: Readonly<Record<string, string | undefined>>;
  readonly testing?: boolean;
  readonly underSized?: number;
}

/** What a signature is worth, in the words of RFC 8601 2.7.1. Pure. */
export function dkimOf(found: DKIMResult, { now, skew }: Circumstances): Dkim {
  const status = found.status as Status;
  const header = status.header ?? {};
  const { result, comment } = wordOf(status);
  const uncovered = status.underSized ?? 0;
  const testing = status.testing === true;
  const future = found.signTime ? Date.parse(found.signTime) > now + skew : false;
  const comments = [
    comment,
    uncovered > 0 ? `${uncovered} octets not covered by l=` : undefined,
    testing ? 'testing key' : undefined,
    future ? 'signed in the future' : undefined,
  ];
  const text = comments.filter((one) => one !== undefined).join(', ');
  return {
    result,
    domain: textOf(header['d']).toLowerCase(),
    selector: textOf(header['s']),
    algorithm: textOf(header['a']).toLowerCase(),
    identity: textOf(header['i']),
    // What follows the octets that `l=` covers may be anybody's (RFC 6376 8.2).
    counts: result === 'pass' && uncovered === 0,
    uncovered,
    testing,
    future,
    ...(text !== '' && { comment: text }),
    resinfo: [{ method: 'dkim', result, ...(text !== '' && { comment: text }), properties: propertiesOf(status) }],
  };
}

/** What stands for signatures that were not examined, beside those that were; `why`: the limit the header is over. */
export function unexaminedOf(count: number, examined: number, why?: string): Dkim {
  const more = examined > 0 ? ' more' : '';
  const reason = why === undefined ? '' : `: ${why}`;
  const comment = `${count}${more} ${count === 1 ? 'signature' : 'signatures'} not examined${reason}`;
  return {
    result: 'policy',
    domain: '',
    selector: '',
    algorithm: '',
    identity: '',
    counts: false,
    uncovered: 0,
    testing: false,
    future: false,
    comment,
    resinfo: [{ method: 'dkim', result: 'policy', comment, properties: [] }],
  };
}

function wordOf({ result, comment, policy }: Status): { result: DkimWord; comment: string | undefined } {
  // RFC 8301 3.1, 3.2: such signatures have failed for good; mailauth leaves it to policy.
  if (policy?.['dkim-rules'] === 'weak-key') return { result: 'fail', comment: 'RSA key too short' };
  if (policy?.['dkim-rules'] === 'weak-algorithm') return { result: 'fail', comment: 'rsa-sha1' };
  const said = comment ? comment : undefined;
  return { result: said === tooManySignedFields ? 'policy' : (result as DkimWord), comment: said };
}

const tooManySignedFields = 'too many signed fields';

function propertiesOf({ policy = {}, header = {} }: Status): Property[] {
  return [...propertiesIn('policy', policy), ...propertiesIn('header', header)];
}

function propertiesIn(ptype: string, values: Readonly<Record<string, unknown>>): Property[] {
  return Object.entries(values)
    .map(([property, value]) => ({ ptype, property, value: textOf(value) }))
    .filter(({ value }) => value !== '');
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
