import type { Buffer } from 'node:buffer';
import { createHash, type Hash } from 'node:crypto';
import type { BodyHash } from '../mailauth.ts';
import type { CanonicalBody } from './canonical-body.ts';

/** The hash of one canonical body, or of its first octets (`l=`), as mailauth's verifier asks for it. */
export class LimitedHash implements BodyHash {
  readonly #body: CanonicalBody;
  readonly #hash: Hash;
  readonly #limit: number;
  #hashed = 0;

  /** `limit`: octets of the canonical body, or undefined for all (RFC 6376 3.5, `l=`). */
  constructor(body: CanonicalBody, algorithm: string, limit: number | undefined) {
    this.#body = body;
    this.#hash = createHash(algorithm);
    this.#limit = limit ?? Number.POSITIVE_INFINITY;
  }

  get bodyHashedBytes(): number {
    return this.#hashed;
  }

  get canonicalizedLength(): number {
    return this.#body.length;
  }

  get byteLength(): number {
    return this.#body.received;
  }

  /** Takes the next octets of the canonical body. */
  update(octets: Buffer): void {
    const left = this.#limit - this.#hashed;
    if (left <= 0) return;
    const covered = octets.length > left ? octets.subarray(0, left) : octets;
    this.#hashed += covered.length;
    this.#hash.update(covered);
  }

  digest(encoding: 'base64'): string {
    this.#body.end();
    return this.#hash.digest(encoding);
  }

  /** Where MIME parts begin is nobody's question here. */
  getMimeStructureStart(): undefined {
    return undefined;
  }
}
