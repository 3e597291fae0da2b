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
  readonly #convert: boolean;
  #state: State = 'line-start';
  #bare = false;
  #rest: Buffer = NOTHING;

  /** `convert` makes a bare CR or LF a CRLF of the content; `refuse` leaves it in for the caller to refuse. */
  constructor(bareLineEndings: 'refuse' | 'convert') {
    this.#convert = bareLineEndings === 'convert';
  }

  /** Whether the terminator was read. */
  get ended(): boolean {
    return this.#state === 'ended';
  }

  /** What followed the terminator; empty before. */
  get rest(): Buffer {
    return this.#rest;
  }

  /**
   * Whether a bare CR or LF was read. A message with one is refused at its true end, or else converted: kept or sent
   * on as it is, it would end early for a server that takes bare LFs for line ends (SMTP smuggling).
   */
  get bare(): boolean {
    return this.#bare;
  }

  /**
   * The content of a chunk, perhaps empty, as one run of octets. The chunk belongs to the decoder from here on: the
   * content may be moved within it. What is given after the end is added to `rest`.
   */
  decode(chunk: Buffer): Buffer {
    if (this.#state === 'ended') {
      this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
      return NOTHING;
    }
    const breaks = new Breaks(chunk);
    const end = chunk.length;
    let rewrite: Rewrite | undefined;
    let state = this.#state;
    let at = 0;
    while (at < end) {
      switch (state) {
        case 'text':
          at = breaks.next(at);
          if (at === end) break;
          if (chunk[at] === LF) {
            this.#bare = true;
            if (this.#convert) {
              rewrite ??= new Rewrite(chunk);
              rewrite.keep(at);
              rewrite.put(CR);
            }
          } else state = 'cr';
          at += 1;
          break;
        case 'cr':
          if (chunk[at] === LF) {
            state = 'line-start';
            at += 1;
          } else {
            state = 'text';
            this.#bare = true;
            if (this.#convert) {
              rewrite ??= new Rewrite(chunk);
              rewrite.keep(at);
              rewrite.put(LF);
            }
          }
          break;
        case 'line-start':
          if (chunk[at] === DOT) {
            rewrite ??= new Rewrite(chunk);
            rewrite.keep(at);
            at += 1;
            rewrite.leaveOut(at);
            state = 'dot';
          } else state = 'text';
          break;
        case 'dot':
          if (chunk[at] === CR) {
            state = 'dot-cr';
            at += 1;
          } else state = 'text';
          break;
        case 'dot-cr':
          if (chunk[at] === LF) {
            this.#state = 'ended';
            this.#rest = chunk.subarray(at + 1);
            return rewrite === undefined ? NOTHING : rewrite.finish();
          }
          state = 'cr';
          // The CR of an earlier chunk was held back.
          if (at === 0) {
            rewrite = new Rewrite(chunk);
            rewrite.put(CR);
          }
          break;
      }
    }
    this.#state = state;
    if (rewrite === undefined) return state === 'dot-cr' ? NOTHING : chunk;
    rewrite.keep(state === 'dot-cr' ? end - 1 : end);
    return rewrite.finish();
  }
}
