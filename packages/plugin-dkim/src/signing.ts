import type { Buffer } from 'node:buffer';
import type { Clock } from '@maitred/core';
import { hashMessage } from '@maitred/authentication-results';
import { loadSigner, type SignCall } from '@maitred/authentication-results/mailauth';
import type { Signed, Signer, SigningKeys, SignOptions } from './tokens.ts';

/** What a signer stands on. */
export interface SigningGround {
  readonly keys: SigningKeys;
  readonly clock: Clock;
  /** The fields that are signed, of those that there are. Default: mailauth's list, which RFC 6376 5.4.1 recommends. */
  readonly signedFields?: readonly string[];
}

/** Signs, relaxed/relaxed and SHA-256, by every key of a domain. */
export class Signing implements Signer {
  readonly #ground: SigningGround;
  #call: Promise<SignCall> | undefined = undefined;

  constructor(ground: SigningGround) {
    this.#ground = ground;
  }

  /** Loads what it needs, if it hasn't yet. */
  load(): Promise<SignCall> {
    return (this.#call ??= loadSigner());
  }

  async sign(message: Buffer | AsyncIterable<Uint8Array>, options: SignOptions): Promise<Signed> {
    const { keys, clock, signedFields } = this.#ground;
    const { domain, identity, lifetime } = options;
    if (lifetime !== undefined && !(lifetime >= 1000)) {
      throw new RangeError(`a signature lives for a second (1000) at least, not for ${lifetime} ms`);
    }
    const found = await keys.find(domain);
    if (found.length === 0) throw new Error(`no key to sign with: SigningKeys has none of ${domain}`);
    const sign = await this.load();
    const { headers, bodyHash } = await hashMessage(message);
    const now = clock.now();
    const { signatures, errors } = await sign({
      headers,
      bodyHash,
      options: {
        signTime: new Date(now),
        ...(lifetime !== undefined && { expires: new Date(now + lifetime) }),
        ...(signedFields !== undefined && { headerList: [...signedFields] }),
        signatureData: found.map((key) => ({
          signingDomain: key.domain,
          selector: key.selector,
          privateKey: key.privateKey,
          ...(identity !== undefined && { identity }),
        })),
      },
    });
    const [wrong] = errors;
    if (wrong) {
      const cause = wrong.err as Error;
      const by = `${wrong.signingDomain}, selector ${wrong.selector}`;
      throw new Error(`the message can't be signed by ${by}: ${cause.message}`, { cause });
    }
    return { fields: signatures, header: signatures.map((field) => `${field}\r\n`).join('') };
  }
}
