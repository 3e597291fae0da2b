import { randomBytes } from 'node:crypto';
import type { Exchange, Mechanism, Outcome } from '../mechanism.ts';
import { bindingData, canBind } from '../sasl/channel-binding.ts';
import type { BindingFlag } from '../sasl/gs2.ts';
import { prepare } from '../sasl/prepare.ts';
import { parseClientFinal, parseClientFirst, serverFirst } from '../sasl/scram-messages.ts';
import { decoyRecord, usualScram, verifyProof, type ScramHash } from '../sasl/scram.ts';

/** How SCRAM is spoken. */
export interface ScramMechanismOptions {
  /** Default: `['SHA-256', 'SHA-1']`. */
  readonly hashes?: readonly ScramHash[];
  /**
   * What the made-up record of an unknown user looks like. It must look like a real one: give what your records have, where
   * that isn't what `scramRecord` makes by default.
   */
  readonly decoy?: { readonly iterations?: number; readonly saltOctets?: number };
  /**
   * Makes up the salts of unknown users, the same for the same name. Default: random, so that after a restart, or on
   * another machine, an unknown user's salt is another one; keep it with your other secrets if that may tell too much.
   */
  readonly secret?: string | Buffer;
  /** The server's part of the nonce: printable ASCII without a comma. Default: 24 random characters. Another is for tests. */
  readonly nonce?: () => string;
}

/**
 * SCRAM (RFC 5802, RFC 7677): for each hash the form with channel binding, offered over TLS, and the form without. The
 * password never comes over the wire, and the client learns that the server knows it.
 */
export function scram({
  hashes = ['SHA-256', 'SHA-1'],
  decoy: { iterations = usualScram.iterations, saltOctets = usualScram.saltOctets } = {},
  secret = randomBytes(32),
  nonce = () => randomBytes(18).toString('base64'),
}: ScramMechanismOptions = {}): Mechanism[] {
  return hashes.flatMap((hash) => {
    const common = { hash, decoy: { iterations, saltOctets, secret }, nonce };
    return [mechanism({ ...common, plus: true }), mechanism({ ...common, plus: false })];
  });
}

interface Variant {
  readonly hash: ScramHash;
  readonly plus: boolean;
  readonly decoy: { readonly iterations: number; readonly saltOctets: number; readonly secret: string | Buffer };
  readonly nonce: () => string;
}

function mechanism(variant: Variant): Mechanism {
  const { hash, plus } = variant;
  return {
    name: `SCRAM-${hash}${plus ? '-PLUS' : ''}`,
    needs: 'scramRecord',
    offered: ({ tls }, { scramHashes }) =>
      (!plus || (tls !== undefined && canBind(tls))) && (scramHashes?.includes(hash) ?? true),
    authenticate: (exchange) => authenticate(exchange, variant),
  };
}

async function authenticate(exchange: Exchange, { hash, plus, decoy, nonce: makeNonce }: Variant): Promise<Outcome> {
  const { ask, claims, directory, signal } = exchange;
  const first = parseClientFirst(await ask());
  if (!first) return 'malformed';
  claims(first.user);
  const { header } = first;
  const bound = binding(header.flag, exchange, `SCRAM-${hash}-PLUS`, plus);
  const user = prepare(first.user);
  if (typeof bound === 'string' || user === undefined) return bound === 'malformed' ? bound : 'refused';

  // Made for everybody: if it took time for unknown users only, that would tell them apart.
  const madeUp = decoyRecord(user, hash, decoy);
  const found = await directory.scramRecord?.(user, hash, signal);
  const record = found ?? madeUp;
  const nonce = first.nonce + makeNonce();
  const challenge = serverFirst(nonce, record.salt, record.iterations);
  const final = parseClientFinal(await ask(challenge));
  if (!final) return 'malformed';

  const signature = verifyProof(record, hash, `${first.bare},${challenge},${final.withoutProof}`, final.proof);
  const same = final.nonce === nonce && final.binding.equals(Buffer.concat([Buffer.from(header.text), bound]));
  if (!found || !signature || !same) return 'refused';
  const acknowledged = await ask(`v=${signature.toString('base64')}`);
  if (acknowledged.length > 0) return 'malformed';
  return { identity: found.identity ?? user, actAs: header.actAs === first.user ? undefined : header.actAs };
}

/** What the exchange must be bound to (RFC 5802 6), or why it can't be. */
function binding(
  flag: BindingFlag,
  { session, offered }: Exchange,
  plusName: string,
  plus: boolean,
): Buffer | 'refused' | 'malformed' {
  if ((typeof flag === 'object') !== plus) return 'malformed';
  // It could bind, but was not shown that we can: somebody between took that off our list.
  if (flag === 'y' && offered.has(plusName)) return 'refused';
  if (typeof flag === 'string') return Buffer.alloc(0);
  return (session.tls && bindingData(flag.type, session.tls)) ?? 'refused';
}
