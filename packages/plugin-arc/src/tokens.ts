import type { Buffer } from 'node:buffer';
import { token, type Awaitable, type Token } from '@maitred/core';
import type { Received, Sealed } from './sealed.ts';

/** What a domain seals with. */
export interface SealingKey {
  /** The sealer (`d=`). */
  readonly domain: string;
  /** Where its public key is: `selector._domainkey.domain` (`s=`). */
  readonly selector: string;
  /** RSA of 1,024 bits at least, or Ed25519; PEM, or a raw Ed25519 key of 32 octets. */
  readonly privateKey: string | Buffer;
}

/** Where keys come from: a file, a vault, a table. */
export interface SealingKeys {
  /** The key that a domain seals with now; undefined when it has none. May reject. */
  find(domain: string): Awaitable<SealingKey | undefined>;
}

/** The keys that messages are sealed with; registered by the application, or by `arcSealer({ keys })`. */
export const SealingKeys: Token<SealingKeys> = token('ARC sealing keys');

/** Seals messages that were received here and are sent on. */
export interface Sealer {
  /**
   * Seals a message as it is going to be sent, all changes made (RFC 8617 5.1): put the set's `header` on top of it. The
   * ARC fields that it came with must still be there, untouched. `received` is what was found of it when it came:
   * `ArcReceived`. Reads the message once, and holds no more of it than its header.
   *
   * Undefined when another set would help nobody: the newest seal says `cv=fail`, or there are 50 sets (5.1 step 2, 4.2.1).
   * Rejects when it can't be sealed, and says why: no key, a key that can't sign, no From field, ARC fields that are gone;
   * and as the message's stream does.
   */
  seal(message: Buffer | AsyncIterable<Uint8Array>, received: Received): Promise<Sealed | undefined>;
}

/** The sealer; registered by `arcSealer()`. */
export const Sealer: Token<Sealer> = token('ARC sealer');
