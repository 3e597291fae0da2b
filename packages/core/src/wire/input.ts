import { Buffer } from 'node:buffer';

const CR = 0x0d;
const LF = 0x0a;
const NOTHING: Buffer = Buffer.alloc(0);

/** So many octets of a line that was too long are remembered: enough to tell its verb. */
const HEAD = 32;

/** What can be wrong with a line as such: longer than allowed, or ended by an LF without its CR. */
export type LineFault = 'too-long' | 'bare-lf';

/** A chunk that waits for those in front of it to be read. */
interface Queued {
  readonly chunk: Buffer;
  next: Queued | undefined;
}

/**
 * The unread octets of one connection, given out as lines or as they are.
 *
 * Nothing is held until something is pushed, and an incomplete line holds no more than its limit, however it trickles
 * in. What lies in one chunk is given out as a view of it; a line over several chunks is copied once. No octet is
 * looked at twice. Nothing here throws.
 */
export class InputBuffer {
  /** How the line began, up to 32 octets of it, that was last reported as `too-long`. */
  tooLong: Buffer | undefined;
  readonly #convert: boolean;
  /** What is read from, from `#at` on; never an exhausted one, so that an idle connection keeps no chunk alive. */
  #chunk: Buffer | undefined;
  #at = 0;
  /** Chunks behind it. */
  #first: Queued | undefined;
  #last: Queued | undefined;
  /** How many octets of all chunks are unread. */
  #unread = 0;
  /** The start of an incomplete line whose chunks are gone: `#partial[0, #held)`, no LF among it. */
  #partial: Buffer | undefined;
  #held = 0;
  /** The line was too long and its tail is being dropped. */
  #dropping = false;
  /** Whether the last octet of an incomplete line, kept or dropped, is a CR. */
  #afterCr = false;

  /** `convert`: an LF alone ends a line like CRLF does; `refuse`: it is a fault. */
  constructor(bareLineEndings: 'refuse' | 'convert') {
    this.#convert = bareLineEndings === 'convert';
  }

  /** Adds what was received; the chunk belongs to this buffer from here on. */
  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#unread += chunk.length;
    if (this.#chunk === undefined) {
      this.#chunk = chunk;
      return;
    }
    const queued: Queued = { chunk, next: undefined };
    if (this.#last) this.#last.next = queued;
    else this.#first = queued;
    this.#last = queued;
  }

  /** How many unread octets are held. The dropped tail of an over-long line is not among them. */
  get pending(): number {
    return this.#held + this.#unread;
  }

  /**
   * The next line without its CRLF; undefined when more input is needed. Only CRLF ends a line (RFC 5321 2.3.8); a bare
   * CR stays among its octets.
   *
   * `limit` is the longest line in octets, CRLF included. A longer one is dropped as it comes and reported once, as
   * `too-long`, when it ends: its tail is never a line. A bare LF is reported at once unless it is converted; what
   * follows it is not to be trusted, so the caller answers and closes.
   */
  readLine(limit: number): Buffer | LineFault | undefined {
    for (let chunk = this.#chunk; chunk; chunk = this.#chunk) {
      const at = this.#at;
      const lf = chunk.indexOf(LF, at);
      const end = lf === -1 ? chunk.length : lf;
      this.#advance(chunk, lf === -1 ? end : end + 1);
      if (end > at) this.#afterCr = chunk[end - 1] === CR;
      const length = this.#held + end - at - (this.#afterCr ? 1 : 0);
      if (this.#dropping || length + 2 > limit) this.#drop(chunk, at);
      else if (lf === -1 || this.#partial) this.#keep(chunk, at, end, limit);
      if (lf !== -1) return this.#endLine(chunk, at, length);
    }
    return undefined;
  }

  /**
   * The first unread octet of the next line, complete or not: a TLS hello shows itself here without an LF. Undefined
   * when there is none, and while the tail of an over-long line is dropped.
   */
  peek(): number | undefined {
    if (this.#dropping) return undefined;
    return this.#partial ? this.#partial[0] : this.#chunk?.[this.#at];
  }

  /** The next octets, at most `maximum`, as a view; undefined when none is held. May give less than is pending. */
  take(maximum: number): Buffer | undefined {
    this.#restorePartial();
    const chunk = this.#chunk;
    if (!chunk) return undefined;
    const at = this.#at;
    const end = Math.min(chunk.length, at + maximum);
    this.#advance(chunk, end);
    return at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end);
  }

  /** Puts octets back in front of all that is unread. They belong to this buffer from here on. */
  unread(octets: Buffer): void {
    if (octets.length === 0) return;
    this.#restorePartial();
    this.#putInFront(octets);
  }

  /** Drops everything unread, and what was known of the line under way: before a TLS handshake (RFC 3207 4.2). */
  clear(): void {
    this.#chunk = this.#first = this.#last = undefined;
    this.#at = this.#unread = 0;
    this.#forgetLine();
  }

  /** The line whose last octets begin at `at`; `length` is its own, without CRLF. */
  #endLine(chunk: Buffer, at: number, length: number): Buffer | LineFault {
    const bare = !this.#afterCr && !this.#convert;
    const dropped = this.#dropping;
    const partial = this.#partial;
    this.#forgetLine();
    if (bare) return 'bare-lf';
    if (dropped) return 'too-long';
    return partial ? partial.subarray(0, length) : chunk.subarray(at, at + length);
  }

  /** Keeps octets as the start, or the next, of a line over several chunks. */
  #keep(chunk: Buffer, at: number, end: number, limit: number): void {
    // All that the line may grow to, at once: chunks of one octet must cost neither a copy nor a buffer each.
    if (this.#partial === undefined || this.#partial.length < limit) {
      const grown = Buffer.allocUnsafe(limit);
      this.#partial?.copy(grown, 0, 0, this.#held);
      this.#partial = grown;
    }
    this.#held += chunk.copy(this.#partial, this.#held, at, end);
  }

  /** Keeps nothing more of the line under way but how it began. */
  #drop(chunk: Buffer, at: number): void {
    if (this.#dropping) return;
    const before = this.#partial?.subarray(0, Math.min(this.#held, HEAD)) ?? NOTHING;
    this.tooLong = Buffer.concat([before, chunk.subarray(at, at + HEAD)]).subarray(0, HEAD);
    this.#partial = undefined;
    this.#held = 0;
    this.#dropping = true;
  }

  #forgetLine(): void {
    this.#partial = undefined;
    this.#held = 0;
    this.#dropping = this.#afterCr = false;
  }

  /** Moves on to `at`, or to the chunk behind this one. */
  #advance(chunk: Buffer, at: number): void {
    this.#unread -= at - this.#at;
    this.#at = at;
    if (at < chunk.length) return;
    this.#at = 0;
    const queued = this.#first;
    this.#chunk = queued?.chunk;
    if (!queued) return;
    this.#first = queued.next;
    if (!queued.next) this.#last = undefined;
    // What is read must not keep what is not from a scavenge: a large body would wait for the whole heap to be swept.
    queued.next = undefined;
  }

  /** Makes the start of an incomplete line ordinary unread octets again. */
  #restorePartial(): void {
    if (!this.#partial) return;
    const octets = this.#partial.subarray(0, this.#held);
    this.#forgetLine();
    this.#putInFront(octets);
  }

  #putInFront(octets: Buffer): void {
    if (this.#chunk) {
      this.#first = { chunk: this.#chunk.subarray(this.#at), next: this.#first };
      this.#last ??= this.#first;
    }
    this.#chunk = octets;
    this.#at = 0;
    this.#unread += octets.length;
  }
}
