import { Buffer } from 'node:buffer';
import { Breaks } from './breaks.ts';
import { Rewrite } from './rewrite.ts';

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const NOTHING: Buffer = Buffer.alloc(0);

/** Where the octets read so far end. */
type State =
  /** Behind a CRLF, or at the very start, which DATA's own CRLF precedes. */
  | 'line-start'
  /** Inside a line, or behind a bare CR or LF: no dot is special here. */
  | 'text'
  /** Behind a CR that is content, whatever comes next. */
  | 'cr'
  /** Behind the first dot of a line, which is never content. */
  | 'dot'
  /** Behind such a dot and a CR, which is content only if no LF follows. */
  | 'dot-cr'
  /** Behind CRLF.CRLF. */
  | 'ended';

/**
 * Decodes dot-terminated content (RFC 5321 4.1.1.4, 4.5.2), however it is cut into chunks.
 *
 * Only CRLF.CRLF ends it, and only a dot right behind CRLF is taken off; the CRLF in front of the final dot is the
 * content's last. Nothing else ends a line: not LF, CR, CR CR LF nor NUL, which are content. Takes linear time, holds
 * nothing between chunks, and never throws.
 */
export class DottedDecoder {
  /**
   * Whether a bare CR or LF was read. A message with one is refused at its true end, or else converted: kept or sent
   * on as it is, it would end early for a server that takes bare LFs for line ends (SMTP smuggling).
   */
  bare = false;
  /** What followed the terminator; empty before. */
  rest: Buffer = NOTHING;
  readonly #convert: boolean;
  readonly #lineStart: 'line-start' | 'text';
  #state: State;

  /**
   * `convert` makes a bare CR or LF a CRLF of the content; `refuse` leaves it in for the caller to refuse. Content that
   * isn't dotted is the same, but for its dots.
   */
  constructor(bareLineEndings: 'refuse' | 'convert', dotted: boolean = true) {
    this.#convert = bareLineEndings === 'convert';
    this.#lineStart = dotted ? 'line-start' : 'text';
    this.#state = this.#lineStart;
  }

  /** Whether the terminator was read. */
  get ended(): boolean {
    return this.#state === 'ended';
  }

  /**
   * The content of a chunk, perhaps empty, as one run of octets. The chunk belongs to the decoder from here on: where
   * there are dots, the content may be moved within it. What is given after the end is added to `rest`.
   */
  decode(chunk: Buffer): Buffer {
    if (this.#state === 'ended') {
      this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
      return NOTHING;
    }
    const breaks = new Breaks(chunk);
    const rewrite = new Rewrite(chunk);
    const end = chunk.length;
    let state = this.#state;
    let at = 0;
    while (at < end) {
      switch (state) {
        case 'text':
          at = breaks.next(at);
          if (at === end) break;
          if (chunk[at] === CR) state = 'cr';
          else this.#putIn(CR, rewrite, at);
          at += 1;
          break;
        case 'cr':
          if (chunk[at] === LF) {
            state = this.#lineStart;
            at += 1;
          } else {
            state = 'text';
            this.#putIn(LF, rewrite, at);
          }
          break;
        case 'line-start':
          if (chunk[at] === DOT) {
            state = 'dot';
            rewrite.leaveOut(at);
            at += 1;
          } else state = 'text';
          break;
        case 'dot':
          if (chunk[at] === CR) {
            state = 'dot-cr';
            rewrite.leaveOut(at);
            at += 1;
          } else state = 'text';
          break;
        case 'dot-cr':
          if (chunk[at] === LF) {
            this.#state = 'ended';
            this.rest = chunk.subarray(at + 1);
            return rewrite.finish(at);
          }
          state = 'cr';
          rewrite.putIn(CR, at);
          break;
      }
    }
    this.#state = state;
    return rewrite.finish(end);
  }

  /** Content that isn't dotted is whole: what a CR at its very end needs to be a CRLF, where that is converted. */
  end(): Buffer {
    if (this.#state !== 'cr') return NOTHING;
    this.#state = 'text';
    this.bare = true;
    return this.#convert ? Buffer.of(LF) : NOTHING;
  }

  /** What would make a bare CR or LF a CRLF. */
  #putIn(octet: number, rewrite: Rewrite, at: number): void {
    this.bare = true;
    if (this.#convert) rewrite.putIn(octet, at);
  }
}
