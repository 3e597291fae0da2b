import { Buffer } from 'node:buffer';

const CR = 0x0d;
const LF = 0x0a;
const NOTHING: Buffer = Buffer.alloc(0);

/** So many octets of a line that was too long are remembered: enough to tell its verb. */
const HEAD = 32;

/** What can be wrong with a line as such: longer than allowed, or ended by an LF without its CR. */
export type LineFault = 'too-long' | 'bare-lf';

/**
 * The unread octets of one connection, given out as lines or as they are.
 *
 * Nothing is held until something is pushed, and an incomplete line holds no more than its limit, however it trickles
 * in. What lies in one chunk is given out as a view of it; a line over several chunks is copied once. No octet is
 * looked at twice. Nothing here throws.
 */
export class InputBuffer {
  readonly #convert: boolean;
  /** What is read from, from `#at` on; never an exhausted one, so that an idle connection keeps no chunk alive. */
  #chunk: Buffer | undefined;
  #at = 0;
  /** Chunks behind `#chunk`, from `#first` on. */
  #queue: (Buffer | undefined)[] | undefined;
  #first = 0;
  #queued = 0;
  /** The start of an incomplete line whose chunks are gone: `#partial[0, #held)`, no LF among it. */
  #partial: Buffer | undefined;
  #held = 0;
  /** The line was too long and its tail is being dropped; `#afterCr` tells the last octet dropped. */
  #dropping = false;
  #afterCr = false;
  #tooLong: Buffer | undefined;

  /** `convert`: an LF alone ends a line like CRLF does; `refuse`: it is a fault. */
  constructor(bareLineEndings: 'refuse' | 'convert') {
    this.#convert = bareLineEndings === 'convert';
  }

  /** Adds what was received; the chunk belongs to this buffer from here on. */
  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    if (this.#chunk === undefined) {
      this.#chunk = chunk;
      this.#at = 0;
      return;
    }
    (this.#queue ??= []).push(chunk);
    this.#queued += chunk.length;
  }

  /** How many unread octets are held. The dropped tail of an over-long line is not among them. */
  get pending(): number {
    return this.#held + (this.#chunk === undefined ? 0 : this.#chunk.length - this.#at) + this.#queued;
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
    for (let chunk = this.#chunk; chunk !== undefined; chunk = this.#chunk) {
      const at = this.#at;
      const end = chunk.indexOf(LF, at);
      if (end !== -1) return this.#endLine(chunk, at, end, limit);
      this.#keep(chunk, at, limit);
      this.#advance(chunk.length);
    }
    return undefined;
  }

  /** How the line began, up to 32 octets of it, that was last reported as `too-long`. */
  get tooLong(): Buffer | undefined {
    return this.#tooLong;
  }

  /**
   * The first unread octet of the next line, complete or not: a TLS hello shows itself here without an LF. Undefined
   * when there is none, and while the tail of an over-long line is dropped.
   */
  peek(): number | undefined {
    if (this.#dropping) return undefined;
    return this.#partial === undefined ? this.#chunk?.[this.#at] : this.#partial[0];
  }

  /** The next octets, at most `maximum`, as a view; undefined when none is held. May give less than is pending. */
  take(maximum: number): Buffer | undefined {
    this.#restorePartial();
    const chunk = this.#chunk;
    if (chunk === undefined) return undefined;
    const at = this.#at;
    const end = Math.min(chunk.length, at + maximum);
    this.#advance(end);
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
    this.#chunk = this.#queue = this.#partial = undefined;
    this.#at = this.#first = this.#queued = this.#held = 0;
    this.#dropping = this.#afterCr = false;
  }

  /** Ends the line whose LF is at `end`. */
  #endLine(chunk: Buffer, at: number, end: number, limit: number): Buffer | LineFault {
    this.#advance(end + 1);
    const held = this.#held;
    const afterCr =
      end > at ? chunk[end - 1] === CR : this.#dropping ? this.#afterCr : this.#partial?.[held - 1] === CR;
    const partial = this.#partial;
    const dropped = this.#dropping;
    this.#partial = undefined;
    this.#held = 0;
    this.#dropping = false;
    if (!afterCr && !this.#convert) return 'bare-lf';
    const length = held + end - at - (afterCr ? 1 : 0);
    if (!dropped && length + 2 > limit) this.#remember(partial, held, chunk, at);
    if (dropped || length + 2 > limit) return 'too-long';
    if (partial === undefined) return chunk.subarray(at, at + length);
    chunk.copy(partial, held, at, end);
    return partial.subarray(0, length);
  }

  /** Keeps the rest of a chunk without an LF as the start of a line, unless no line so long is allowed. */
  #keep(chunk: Buffer, at: number, limit: number): void {
    const length = this.#held + chunk.length - at;
    const afterCr = chunk[chunk.length - 1] === CR;
    if (this.#dropping || length - (afterCr ? 1 : 0) + 2 > limit) {
      if (!this.#dropping) this.#remember(this.#partial, this.#held, chunk, at);
      this.#partial = undefined;
      this.#held = 0;
      this.#dropping = true;
      this.#afterCr = afterCr;
      return;
    }
    // All that the line may grow to, at once: chunks of one octet must cost neither a copy nor a buffer each.
    if (this.#partial === undefined || this.#partial.length < limit) {
      const grown = Buffer.allocUnsafe(limit);
      this.#partial?.copy(grown, 0, 0, this.#held);
      this.#partial = grown;
    }
    chunk.copy(this.#partial, this.#held, at);
    this.#held = length;
  }

  #remember(partial: Buffer | undefined, held: number, chunk: Buffer, at: number): void {
    const before = partial?.subarray(0, Math.min(held, HEAD)) ?? NOTHING;
    this.#tooLong = Buffer.concat([before, chunk.subarray(at, at + HEAD)]).subarray(0, HEAD);
  }

  /** Moves on to `at`, or to the chunk behind this one. */
  #advance(at: number): void {
    if (this.#chunk === undefined || at < this.#chunk.length) {
      this.#at = at;
      return;
    }
    this.#at = 0;
    const queue = this.#queue;
    const next = (this.#chunk = queue?.[this.#first]);
    if (queue === undefined || next === undefined) return;
    queue[this.#first] = undefined;
    this.#queued -= next.length;
    this.#first += 1;
    if (this.#first === queue.length) {
      this.#queue = undefined;
      this.#first = 0;
    } else if (this.#first >= 64 && this.#first * 2 >= queue.length) {
      // Seldom enough that moving what remains is paid for by what was read.
      queue.splice(0, this.#first);
      this.#first = 0;
    }
  }

  /** Makes the start of an incomplete line ordinary unread octets again. */
  #restorePartial(): void {
    if (this.#partial === undefined) return;
    const octets = this.#partial.subarray(0, this.#held);
    this.#partial = undefined;
    this.#held = 0;
    this.#putInFront(octets);
  }

  #putInFront(octets: Buffer): void {
    if (this.#chunk !== undefined) {
      const behind = this.#at === 0 ? this.#chunk : this.#chunk.subarray(this.#at);
      const queue = (this.#queue ??= []);
      // The slot before `#first` was read: it is free.
      if (this.#first > 0) queue[(this.#first -= 1)] = behind;
      else queue.unshift(behind);
      this.#queued += behind.length;
    }
    this.#chunk = octets;
    this.#at = 0;
  }
}
