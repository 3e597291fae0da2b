import { Buffer } from 'node:buffer';
import { createHash, type Hash } from 'node:crypto';
import type { BodyHash } from '../mailauth.ts';

const CRLF: Buffer = Buffer.from('\r\n');
/** Empty lines are held as a number, and written from this. */
const EMPTY_LINES: Buffer = Buffer.alloc(1024, '\r\n');

/** What the hashes of one canonicalization have in common: its output, and how much there was. */
export interface Canonical {
  /** Octets of the canonical body; all of them once `end` was called. */
  readonly length: number;
  /** Octets of the body as it came. */
  readonly received: number;
  /** The body is whole; called again, it does nothing. */
  end(): void;
}

/** The hash of one canonical body, or of its first octets (`l=`), as mailauth's verifier asks for it. */
export class LimitedHash implements BodyHash {
  readonly #body: Canonical;
  readonly #hash: Hash;
  readonly #limit: number;
  #hashed = 0;

  /** `limit`: octets of the canonical body, or undefined for all (RFC 6376 3.5, `l=`). */
  constructor(body: Canonical, algorithm: string, limit: number | undefined) {
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

/** Hands canonical text to its hashes, but for empty lines at its end, which are not part of it (RFC 6376 3.4.3, 3.4.4). */
export class Lines {
  readonly hashes: LimitedHash[] = [];
  #length = 0;
  #emptyLines = 0;

  /** Octets that were handed on. */
  get length(): number {
    return this.#length;
  }

  /** Takes canonical text, which does not end between a CR and its LF. */
  push(text: Buffer): void {
    let end = text.length;
    while (end >= 2 && text[end - 1] === 0x0a && text[end - 2] === 0x0d) end -= 2;
    const emptyLines = (text.length - end) / 2;
    if (end > 0) {
      this.#flush();
      this.pass(text.subarray(0, end));
    }
    this.#emptyLines += emptyLines;
  }

  /** Ends a body whose lines were all pushed: its last line has a CRLF, whether or not it came with one. */
  terminate(): void {
    this.#emptyLines = 0;
    this.pass(CRLF);
  }

  pass(text: Buffer): void {
    this.#length += text.length;
    for (const hash of this.hashes) hash.update(text);
  }

  #flush(): void {
    for (let left = 2 * this.#emptyLines; left > 0; left -= EMPTY_LINES.length) {
      this.pass(left >= EMPTY_LINES.length ? EMPTY_LINES : EMPTY_LINES.subarray(0, left));
    }
    this.#emptyLines = 0;
  }
}
