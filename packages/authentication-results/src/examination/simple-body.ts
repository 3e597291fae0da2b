import { Buffer } from 'node:buffer';
import { CanonicalBody } from './canonical-body.ts';

const LF = 0x0a;
const CR = 0x0d;
const ONE_CR: Buffer = Buffer.of(CR);
const ONE_LINE_END: Buffer = Buffer.of(CR, LF);

/**
 * The `simple` body canonicalization (RFC 6376 3.4.3): the octets as they are, and one CRLF for however many, or none, at
 * the end. A CR or LF by itself, which only binary content has, is an octet like any other. Holds one octet.
 */
export class SimpleBody extends CanonicalBody {
  #cr = false;

  protected override canonicalize(octets: Buffer): void {
    let start = 0;
    let end = octets.length;
    if (this.#cr) {
      this.#cr = false;
      if (octets[0] === LF) start = 1;
      this.push(start === 1 ? ONE_LINE_END : ONE_CR);
    }
    if (end > start && octets[end - 1] === CR) {
      this.#cr = true;
      end -= 1;
    }
    if (end > start) this.push(octets.subarray(start, end));
  }

  protected override finish(): void {
    if (this.#cr) this.push(ONE_CR);
    this.terminate();
  }
}
