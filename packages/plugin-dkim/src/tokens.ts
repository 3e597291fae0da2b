import type { Buffer } from 'node:buffer';
import { token, type Awaitable, type Token } from '@maitred/core';

/** What a domain signs with. */
export interface SigningKey {
  /** The signing domain (`d=`). */
  readonly domain: string;
  /** Where its public key is: `selector._domainkey.domain` (`s=`). */
  readonly selector: string;
  /** RSA of 1,024 bits at least (2,048 are wise), or Ed25519; PEM, or a raw Ed25519 key of 32 octets. */
  readonly privateKey: string | Buffer;
}

/** Where keys come from: a file, a vault, a table. */
export interface SigningKeys {
  /** The keys that a domain signs with now, each of which makes a signature; none when it doesn't sign. May reject. */
  find(domain: string): Awaitable<readonly SigningKey[]>;
}

/** The keys that messages are signed with; registered by the application, or by `dkimSign({ keys })`. */
export const SigningKeys: Token<SigningKeys> = token('DKIM signing keys');

/** How one message is signed. */
export interface SignOptions {
  /** Whose keys are asked for, and `d=`. */
  readonly domain: string;
  /** The agent or user (`i=`): a mailbox, or `@` and a domain, of the domain or below. Default: none. */
  readonly identity?: string;
  /** Milliseconds that the signature is valid for (`x=`). Default: it does not expire. */
  readonly lifetime?: number;
}

/** Signatures that were made. */
export interface Signed {
  /** DKIM-Signature fields, one per key, folded, without their last CRLF. */
  readonly fields: readonly string[];
  /** The same with their CRLFs, as it goes on top of the message. */
  readonly header: string;
}

/** Signs messages that the application sends. */
export interface Signer {
  /**
   * Signs a message as it is going to be sent, all other changes made: put `header` on top of it. Lines end in CRLF. Reads
   * the message once, and holds no more of it than its header.
   *
   * Rejects when it can't be signed, and says why: no key, a key that can't sign, no From field, an identity that is not
   * the domain's, a header of more than 256 KiB or with a line end by half; and as the message's stream does.
   */
  sign(message: Buffer | AsyncIterable<Uint8Array>, options: SignOptions): Promise<Signed>;
}

/** The DKIM signer; registered by `dkimSign()`. */
export const Signer: Token<Signer> = token('DKIM signer');
