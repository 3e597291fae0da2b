import { Buffer } from 'node:buffer';
import type { LimitedHash } from './body-hash.ts';

const CRLF: Buffer = Buffer.from('\r\n');
/** Empty lines are held as a number, and written from this. */
const EMPTY_LINES: Buffer = Buffer.alloc(1024, '\r\n');

/**
 * A body in one canonicalization, handed to all its hashes as it comes. Empty lines at its end are not part of it
 * (RFC 6376 3.4.3, 3.4.4).
 */
export abstract class CanonicalBody {
  readonly hashes: LimitedHash[] = [];
  #received = 0;
  #length = 0;
  #emptyLines = 0;
  #ended = false;

  /** Octets of the body as it came. */
  get received(): number {
    return this.#received;
  }

  /** Octets of the canonical body; all of them once `end` was called. */
  get length(): number {
    return this.#length;
  }

  /** Takes the next octets of the body. */
  write(octets: Buffer): void {
    if (octets.length === 0) return;
    this.#received += octets.length;
    this.canonicalize(octets);
  }

  /** The body is whole; called again, it does nothing. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.finish();
  }

  /** Pushes the canonical form of the next octets, one or more, as far as it can be told yet. */
  protected abstract canonicalize(octets: Buffer): void;

  /** Pushes what is held back, and terminates the body unless its canonical form is empty. */
  protected abstract finish(): void;

  /** Takes canonical text, which does not end between a CR and its LF. */
  protected push(text: Buffer): void {
    let end = text.length;
    while (end >= 2 && text[end - 1] === 0x0a && text[end - 2] === 0x0d) end -= 2;
    const emptyLines = (text.length - end) / 2;
    if (end > 0) {
      this.#flush();
      this.#pass(text.subarray(0, end));
    }
    this.#emptyLines += emptyLines;
  }

  /** Ends a body whose lines were all pushed: its last line has a CRLF, whether or not it came with one. */
  protected terminate(): void {
    this.#emptyLines = 0;
    this.#pass(CRLF);
  }

  #pass(text: Buffer): void {
    this.#length += text.length;
    for (const hash of this.hashes) hash.update(text);
  }

  #flush(): void {
    for (let left = 2 * this.#emptyLines; left > 0; left -= EMPTY_LINES.length) {
      this.#pass(left >= EMPTY_LINES.length ? EMPTY_LINES : EMPTY_LINES.subarray(0, left));
    }
    this.#emptyLines = 0;
  }
}
