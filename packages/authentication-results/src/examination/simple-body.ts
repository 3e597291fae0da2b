import { Buffer } from 'node:buffer';
import { Lines, type Canonical, type LimitedHash } from './body-hash.ts';

const LF = 0x0a;
const CR = 0x0d;
const ONE_CR: Buffer = Buffer.of(CR);
const ONE_LINE_END: Buffer = Buffer.of(CR, LF);

/**
 * The `simple` body canonicalization (RFC 6376 3.4.3): the octets as they are, and one CRLF for however many, or none, at
 * the end. A CR or LF by itself, which only binary content has, is an octet like any other. Holds one octet.
 */
export class SimpleBody implements Canonical {
  readonly #lines = new Lines();
  #received = 0;
  #cr = false;
  #ended = false;

  get length(): number {
    return this.#lines.length;
  }

  get received(): number {
    return this.#received;
  }

  get hashes(): LimitedHash[] {
    return this.#lines.hashes;
  }

  write(octets: Buffer): void {
    if (octets.length === 0) return;
    this.#received += octets.length;
    let start = 0;
    let end = octets.length;
    if (this.#cr) {
      this.#cr = false;
      if (octets[0] === LF) start = 1;
      this.#lines.push(start === 1 ? ONE_LINE_END : ONE_CR);
    }
    if (end > start && octets[end - 1] === CR) {
      this.#cr = true;
      end -= 1;
    }
    if (end > start) this.#lines.push(octets.subarray(start, end));
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#cr) this.#lines.push(ONE_CR);
    this.#lines.terminate();
  }
}
