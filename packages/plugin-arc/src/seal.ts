import type { HashedMessage } from '@maitred/authentication-results';
import type { ArcCalls, ARCChainEntry, ParsedHeaders, Seal } from '@maitred/authentication-results/mailauth';
import type { Sealed } from './sealed.ts';
import type { SealingKey } from './tokens.ts';

/** What a set is made of. */
export interface Ingredients {
  readonly key: SealingKey;
  readonly chain: 'none' | 'pass' | 'fail';
  /** What follows `i=N;` in ARC-Authentication-Results. */
  readonly payload: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The fields that the message signature covers, of those that the message has. Default: mailauth's. */
  readonly signedFields?: readonly string[];
}

/** Seals a message by its header and its body's hash; resolves and rejects as `Sealer.seal`. */
export async function seal(
  calls: ArcCalls,
  { headers, bodyHash }: HashedMessage,
  { key, chain, payload, now, signedFields }: Ingredients,
): Promise<Sealed | undefined> {
  // Of its own for each message: mailauth changes it.
  const seal: Seal = {
    signingDomain: key.domain,
    selector: key.selector,
    privateKey: key.privateKey,
    cv: chain,
    authResults: payload,
    signTime: new Date(now),
    bodyHash,
    ...(signedFields !== undefined && { headerList: signedFields }),
  };
  const arc = { chain: chain === 'pass' && chainOf(calls, headers) };
  const { headers: fields, errors } = await calls.seal({ headers, arc, seal, strict: true });
  if (fields.length > 0) return { instance: Number(seal.i), fields, header: `${fields.join('\r\n')}\r\n` };
  const cause = errors[0]?.err;
  if (helpsNobody(cause?.code, chain)) return undefined;
  throw new Error(`the message can't be sealed by ${key.domain}: ${cause?.message ?? 'mailauth says no more'}`, {
    cause,
  });
}

/** A chain that passed and now is broken can't be continued: mailauth says so of none. */
function chainOf(calls: ArcCalls, headers: ParsedHeaders): ARCChainEntry[] | false {
  try {
    return calls.chain(headers);
  } catch {
    return false;
  }
}

/** The newest seal says `cv=fail`; there are 50 sets; or the chain failed by a set without a number to count on from. */
function helpsNobody(code: string | undefined, chain: Ingredients['chain']): boolean {
  return code === 'EARCCHAINFAILED' || code === 'EINVALIDINSTANCE' || (code === 'EINVALIDCV' && chain === 'fail');
}
