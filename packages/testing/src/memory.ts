import { Duplex } from 'node:stream';

/** How a {@link memoryPair} carries octets. */
export interface MemoryOptions {
  /** The most octets that arrive at once; default: a write arrives as it was made. */
  readonly chunk?: number;
}

/**
 * Two ends of a connection without a network: what is written to one is read from the other, copied, at least a turn of
 * the event loop later. As with a socket, each end can be closed by itself (`end`), an end that isn't read holds the
 * other's writes back, and `destroy` before the end of writing is a reset: the other end errors with ECONNRESET.
 */
export function memoryPair({ chunk = Number.POSITIVE_INFINITY }: MemoryOptions = {}): [Duplex, Duplex] {
  if (!(chunk >= 1)) throw new RangeError(`a chunk holds at least one octet, not ${chunk}`);
  const one = new End(chunk);
  const other = new End(chunk);
  one.join(other);
  other.join(one);
  return [one, other];
}

class End extends Duplex {
  readonly #chunk: number;
  #other: End = this;
  #wanted: (() => void) | undefined = undefined;

  constructor(chunk: number) {
    super({ allowHalfOpen: true });
    this.#chunk = chunk;
  }

  join(other: End): void {
    this.#other = other;
  }

  override _read(): void {
    this.#release();
  }

  override _write(octets: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#carry(Buffer.from(octets), 0, done);
  }

  override _final(done: (error?: Error) => void): void {
    setImmediate(() => {
      this.#other.push(null);
      done();
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#release();
    const other = this.#other;
    if (!this.writableFinished && !other.destroyed) setImmediate(() => other.destroy(reset()));
    done(error);
  }

  #carry(octets: Buffer, at: number, done: (error?: Error) => void): void {
    if (at >= octets.length || this.destroyed) return done();
    // A turn before every piece: whoever reads must be able to act on this one before the next is there.
    setImmediate(() => {
      const other = this.#other;
      if (this.destroyed) return done();
      if (other.destroyed) return done(reset());
      const next = (): void => this.#carry(octets, at + this.#chunk, done);
      if (other.push(octets.subarray(at, at + this.#chunk))) next();
      else other.#wanted = next;
    });
  }

  /** This end is read again, or is gone: whoever waits for that looks up. */
  #release(): void {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    wanted?.();
  }
}

const reset = (): Error => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
