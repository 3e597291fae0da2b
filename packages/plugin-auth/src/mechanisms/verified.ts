import type { Exchange, Outcome } from '../mechanism.ts';
import type { PlainMessage } from '../sasl/plain.ts';
import { prepare } from '../sasl/prepare.ts';

/** Asks the directory about a name and a password. */
export async function verified(
  { directory, signal, claims }: Exchange,
  { user, password, actAs }: PlainMessage,
): Promise<Outcome> {
  claims(user);
  const [name, secret] = [prepare(user), prepare(password)];
  // Whether there is such a user plays no part: what can't be prepared is refused for any.
  if (name === undefined || secret === undefined) return 'refused';
  const identity = await directory.verifyPassword?.(name, secret, signal);
  return identity === undefined ? 'refused' : { identity, actAs: actAs === user ? undefined : actAs };
}
