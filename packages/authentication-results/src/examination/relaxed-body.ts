import { Buffer } from 'node:buffer';
import { CanonicalBody } from './canonical-body.ts';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

/** What is looked at at once: small enough for the text of it to be short-lived. */
const PIECE = 64 * 1024;
/** What the canonical form does not have. */
const UNCANONICAL = /\t| [ \r]/;

/**
 * The `relaxed` body canonicalization (RFC 6376 3.4.4): runs of white space are one space, and none at the end of a line;
 * empty lines at the end are dropped, a last CRLF is added to what is not empty. Takes linear time and holds two octets,
 * however long a line is. A CR or LF by itself, which only binary content has, ends no line.
 */
export class RelaxedBody extends CanonicalBody {
  #out: Buffer | undefined = undefined;
  /** Behind white space, and then perhaps behind a CR, of which what follows tells what they are. */
  #space = false;
  #cr = false;

  protected override canonicalize(octets: Buffer): void {
    for (let at = 0; at < octets.length; at += PIECE) this.#piece(octets.subarray(at, at + PIECE));
  }

  protected override finish(): void {
    if (this.#cr) this.push(Buffer.from(this.#space ? ' \r' : '\r'));
    if (this.length > 0) this.terminate();
  }

  #piece(piece: Buffer): void {
    // One search of the engine's for most pieces, which are canonical, is several times faster than a look at each octet.
    if (this.#space || this.#cr || UNCANONICAL.test(piece.toString('latin1'))) this.#rewrite(piece);
    else this.#asItIs(piece);
  }

  #asItIs(piece: Buffer): void {
    const last = piece[piece.length - 1];
    this.#space = last === SPACE;
    this.#cr = last === CR;
    const end = this.#space || this.#cr ? piece.length - 1 : piece.length;
    if (end > 0) this.push(piece.subarray(0, end));
  }

  #rewrite(piece: Buffer): void {
    // What is held comes out beside the piece's own octets.
    const out = (this.#out ??= Buffer.allocUnsafeSlow(PIECE + 2));
    const length = piece.length;
    let space = this.#space;
    let cr = this.#cr;
    let to = 0;
    for (let at = 0; at < length; at += 1) {
      const octet = piece[at] as number;
      if (cr) {
        cr = false;
        if (space && octet !== LF) out[to++] = SPACE;
        space = false;
        out[to++] = CR;
        if (octet === LF) {
          out[to++] = LF;
          continue;
        }
      }
      if (octet === SPACE || octet === TAB) space = true;
      else if (octet === CR) cr = true;
      else {
        if (space) out[to++] = SPACE;
        space = false;
        out[to++] = octet;
      }
    }
    this.#space = space;
    this.#cr = cr;
    if (to > 0) this.push(out.subarray(0, to));
  }
}
