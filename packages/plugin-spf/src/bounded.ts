import type { Resolver } from '@maitred/authentication-results';

/** What of an answer is looked at. */
export interface Bounds {
  /** Octets of a record. */
  readonly record: number;
  /** Addresses of one name. */
  readonly addresses: number;
}

/**
 * The same resolver, whose answers are of a size that can be worked through at once. A record or a list of addresses above
 * the bounds is `permerror`: 64 KiB of modifiers keep the event loop for most of a second, and no honest domain has them.
 */
export function bounded(resolver: Resolver, bounds: Bounds): Resolver {
  return async (name, type) => {
    const answers = await resolver(name, type);
    if (type === 'TXT') return ofBoundedRecords(answers as string[][], bounds.record) as typeof answers;
    if ((type === 'A' || type === 'AAAA') && answers.length > bounds.addresses) {
      throw tooLarge(`${name} has more than ${bounds.addresses} addresses`);
    }
    return answers;
  };
}

/** Other records than SPF's are nobody's business: one that is too long is no explanation either (RFC 7208 6.2). */
function ofBoundedRecords(records: string[][], longest: number): string[][] {
  return records.filter((strings) => {
    const text = strings.join('');
    if (text.length <= longest) return true;
    if (/^v=spf1(?: |$)/i.test(text)) throw tooLarge(`the record has more than ${longest} octets`);
    return false;
  });
}

/** mailauth takes `spfResult` of an error for the result (a test holds it to that). */
function tooLarge(text: string): Error {
  return Object.assign(new Error(text), { code: 'ESPFLIMIT', spfResult: { error: 'permerror', text } });
}
