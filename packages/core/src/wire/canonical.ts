import type { Buffer } from 'node:buffer';
import { DottedDecoder } from './dotted.ts';

/**
 * Holds text that came counted, not dotted, to its canonical form, lines that end in CRLF (RFC 2049 4), however it is cut
 * into chunks. Takes linear time, holds no octets between chunks, and never throws.
 */
export class CanonicalText {
  readonly #decoder: DottedDecoder;

  /** `convert` makes a bare CR or LF a CRLF; `refuse` leaves it in for the caller to refuse. */
  constructor(bareLineEndings: 'refuse' | 'convert') {
    this.#decoder = new DottedDecoder(bareLineEndings, false);
  }

  /** Whether a bare CR or LF was read; of a CR that ends a chunk only what comes next tells. */
  get bare(): boolean {
    return this.#decoder.bare;
  }

  /** The text of a chunk as one run of octets, as it came or converted. The chunk itself is not changed. */
  take(chunk: Buffer): Buffer {
    return this.#decoder.decode(chunk);
  }

  /** The text is whole: what a CR at its very end needs to be a CRLF, where that is converted. */
  end(): Buffer {
    return this.#decoder.end();
  }
}
