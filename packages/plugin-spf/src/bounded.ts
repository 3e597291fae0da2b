import type { Resolver } from '@maitred/authentication-results';

/** How much one check may look at. */
export interface Bounds {
  /** Octets of a record. */
  readonly record: number;
  /** Addresses, of all names together. */
  readonly addresses: number;
}

/**
 * The same resolver for one check, with answers that are worked through at once. What is above the bounds is `permerror`:
 * 64 KiB of modifiers hold the event loop for most of a second, a hundred names of 64 KiB of addresses for longer. No honest
 * domain has them.
 */
export function bounded(resolver: Resolver, bounds: Bounds): Resolver {
  let addresses = 0;
  return async (name, type) => {
    const answers = await resolver(name, type);
    if (type === 'TXT') return ofBoundedRecords(answers as string[][], bounds.record) as typeof answers;
    if (type !== 'A' && type !== 'AAAA') return answers;
    addresses += answers.length;
    if (addresses > bounds.addresses) throw tooLarge(`more than ${bounds.addresses} addresses to look at`);
    return answers;
  };
}

/** Other records than SPF's are nobody's business, and one that is too long is no explanation either (RFC 7208 6.2). */
function ofBoundedRecords(records: string[][], longest: number): string[][] {
  return records.filter((strings) => {
    const text = strings.join('');
    if (text.length <= longest) return true;
    if (/^v=spf1(?: |$)/i.test(text)) throw tooLarge(`a record of more than ${longest} octets`);
    return false;
  });
}

/** mailauth takes `spfResult` of an error for the result; a test holds it to that. */
function tooLarge(text: string): Error {
  return Object.assign(new Error(text), { code: 'ESPFLIMIT', spfResult: { error: 'permerror', text } });
}
