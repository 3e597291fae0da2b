import { saslprep } from '@mongodb-js/saslprep';

const PRINTABLE = /^[ -~]+$/;

/**
 * Prepares a user name or a password for comparison: SASLprep (RFC 4013), so that two ways to type one text are one text.
 * Undefined when it can't be prepared, control characters above all, and when nothing is left: then verification fails
 * (RFC 4616 2).
 *
 * Code points that Unicode 3.2 did not assign pass, as in queries (RFC 3454 7): every emoji is one.
 */
export function prepare(text: string): string | undefined {
  if (PRINTABLE.test(text)) return text;
  try {
    return saslprep(text, { allowUnassigned: true }) || undefined;
  } catch {
    return undefined;
  }
}

/** Prepares a password that is to be stored. Throws RangeError for one that can't be prepared. */
export function preparePassword(password: string): string {
  const prepared = prepare(password);
  if (prepared === undefined) throw new RangeError('the password is empty or has characters that none may have');
  return prepared;
}
