import { setImmediate as nextTurn } from 'node:timers/promises';
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
 *
 * Records that lead from one to the next are worked through in turns of the event loop, `turn`, where they are long: the
 * cache answers at once, and eleven of them together would hold it too.
 */
export function bounded(resolver: Resolver, bounds: Bounds, turn: () => Promise<unknown> = nextTurn): Resolver {
  let addresses = 0;
  let work = 0;
  return async (name, type) => {
    const answers = await resolver(name, type);
    work += question;
    if (type === 'TXT') {
      const records = ofBoundedRecords(answers as string[][], bounds.record);
      for (const strings of records) for (const { length } of strings) work += length;
      if (work > workOfTurn) await rest();
      return records as typeof answers;
    }
    work += answers.length * question;
    if (type === 'A' || type === 'AAAA') {
      addresses += answers.length;
      if (addresses > bounds.addresses) throw tooLarge(`more than ${bounds.addresses} addresses to look at`);
    }
    if (work > workOfTurn) await rest();
    return answers;
  };

  async function rest(): Promise<void> {
    work = 0;
    await turn();
  }
}

/** Octets of records that are worked through in one turn; of most domains it is all. */
const workOfTurn = 4096;
/** What a question costs, and an address to compare, in octets of a record. */
const question = 64;

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
