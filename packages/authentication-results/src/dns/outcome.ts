import type { Answers, RecordType, Resolver } from '../tokens.ts';

/** What came of a question: a value, so that nobody has to catch it who only passes it on. */
export type Outcome = { readonly answer: Answers[RecordType] } | { readonly code: string };

export const timedOut: Outcome = { code: 'ETIMEOUT' };
export const cancelled: Outcome = { code: 'ECANCELLED' };

/** Whether the answer is that there is nothing: no such name, or no such record. */
export function isVoid(outcome: Outcome): boolean {
  return 'code' in outcome && (outcome.code === 'ENOTFOUND' || outcome.code === 'ENODATA');
}

/** Asks; whatever goes wrong has a code. */
export async function outcomeOf(ask: Resolver, name: string, type: RecordType): Promise<Outcome> {
  try {
    const answer = await ask(name, type);
    if (!Array.isArray(answer)) return { code: 'EBADRESP' };
    return answer.length === 0 ? { code: 'ENODATA' } : { answer };
  } catch (error) {
    const { code } = (error ?? {}) as { readonly code?: unknown };
    return { code: typeof code === 'string' ? code : 'ESERVFAIL' };
  }
}

/** Octets that a question and what came of it take to keep, about: measured, since most answers weigh less than their keeping. */
export function weightOf(question: string, outcome: Outcome): number {
  const kept = 256 + question.length;
  if ('code' in outcome) return kept;
  return outcome.answer.reduce<number>((sum, record) => sum + weightOfRecord(record), kept);
}

function weightOfRecord(record: Answers[RecordType][number]): number {
  if (typeof record === 'string') return stringWeight + record.length;
  if ('exchange' in record) return 2 * stringWeight + record.exchange.length;
  return record.reduce((sum, text) => sum + stringWeight + text.length, stringWeight);
}

const stringWeight = 32;
