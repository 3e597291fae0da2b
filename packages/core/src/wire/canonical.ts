import { Buffer } from 'node:buffer';
import { Breaks } from './breaks.ts';
import { Rewrite } from './rewrite.ts';

const CR = 0x0d;
const LF = 0x0a;
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Holds text that came counted, not dotted, to its canonical form, lines that end in CRLF (RFC 2049 4), however it is cut
 * into chunks. Takes linear time, holds no octets between chunks, and never throws.
 */
export class CanonicalText {
  readonly #convert: boolean;
  #afterCr = false;
  #bare = false;

  /** `convert` makes a bare CR or LF a CRLF; `refuse` leaves it in for the caller to refuse. */
  constructor(bareLineEndings: 'refuse' | 'convert') {
    this.#convert = bareLineEndings === 'convert';
  }

  /** Whether a bare CR or LF was read; of a CR that ends a chunk only what comes next tells. */
  get bare(): boolean {
    return this.#bare;
  }

  /** The text of a chunk as one run of octets, as it came or converted. The chunk itself is not changed. */
  take(chunk: Buffer): Buffer {
    const breaks = new Breaks(chunk);
    const end = chunk.length;
    let rewrite: Rewrite | undefined;
    const putIn = (octet: number, at: number): void => {
      this.#bare = true;
      if (!this.#convert) return;
      rewrite ??= new Rewrite(chunk);
      rewrite.keep(at);
      rewrite.put(octet);
    };
    let afterCr = this.#afterCr;
    for (let at = 0; at < end; at += 1) {
      if (afterCr) {
        afterCr = false;
        if (chunk[at] === LF) continue;
        putIn(LF, at);
      }
      at = breaks.next(at);
      if (chunk[at] === LF) putIn(CR, at);
      else afterCr = at < end;
    }
    this.#afterCr = afterCr;
    if (rewrite === undefined) return chunk;
    rewrite.keep(end);
    return rewrite.finish();
  }

  /** The text is whole: what a CR at its very end needs to be a CRLF, where that is converted. */
  end(): Buffer {
    if (!this.#afterCr) return NOTHING;
    this.#afterCr = false;
    this.#bare = true;
    return this.#convert ? Buffer.of(LF) : NOTHING;
  }
}
