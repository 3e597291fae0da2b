import { Duplex, Readable } from 'node:stream';
import type { Wait, Waiter } from './arrival.ts';
import type { TlsInfo } from './context.ts';
import type { Connection } from './connection.ts';
import type { House } from './house.ts';
import { settleInTurn, takeTurn } from './turn.ts';
import { Transport, type TlsSettings } from './transport.ts';
import { InputBuffer } from './wire/input.ts';

/** Octets held before reading pauses: a client can't make us buffer what we aren't ready for. */
const highWater = 64 * 1024;
/** Up to so many octets are worth waiting for others'; more are worked on while they are at hand. */
const together = 8 * 1024;
/** Reply octets gathered before they are written although more input is at hand. */
const batch = 16 * 1024;
/** Made once: a trace of the stack would be most of what a client's leaving costs. */
const left = new Error('the client is gone');
/** A data rate means nothing before this many milliseconds of waiting. */
const rateAfter = 30_000;

/** One client's octets: input as it's asked for, replies in order and in batches, and a deadline for every wait. */
export class Exchange {
  /** Set once the client is gone, timed out, or given up on; why. */
  lost: unknown = undefined;
  /** The wait that a deadline ended. */
  timedOut: Wait | undefined = undefined;
  readonly #house: House;
  readonly #transport: Transport;
  /** What is unread. */
  readonly input: InputBuffer;
  readonly #owner: Connection;
  #out = '';
  /** Whether input was already there when replies were written: its sender had not seen them. */
  #early = false;
  #blocked = false;
  #paused = false;
  #inTurn = false;
  #ended = false;
  #waiter: Waiter | undefined = undefined;
  #waiting: Wait | undefined = undefined;
  #waitUntil = 0;
  #waitSince = 0;
  #contentOctets = 0;
  #contentWaited = 0;

  constructor(stream: Duplex, owner: Connection) {
    this.#house = owner.house;
    this.#owner = owner;
    this.input = new InputBuffer(owner.house.bareLineEndings);
    this.#transport = new Transport(stream, this);
  }

  // ── what the transport tells ──

  received(chunk: Buffer): void {
    if (this.#waiting === 'grace') return; // our last reply is out
    this.input.push(chunk);
    if (this.input.pending > highWater && !this.#paused) {
      this.#paused = true;
      this.#transport.stream.pause();
    }
    if (chunk.length > together) return this.wake();
    if (!this.#inTurn) takeTurn(this);
    this.#inTurn = true;
  }

  proceed(): void {
    this.#inTurn = false;
    this.wake();
  }

  settle(): void {
    if (this.#out === '') return;
    this.flush();
    // Now that it is known that our replies aren't read, that is what is waited for first.
    if (this.blocked && this.#waiter && this.#waiting) this.more(this.#waiting, this.#waitUntil, this.#waiter);
  }

  ended(): void {
    this.#ended = true;
    this.wake();
  }

  drained(): void {
    this.#blocked = false;
    this.wake();
  }

  gone(): void {
    this.lose(left);
  }

  /** Gives the client up. */
  lose(reason: unknown): void {
    if (this.lost !== undefined) return this.wake();
    this.lost = reason;
    this.#owner.abandoned();
    this.#transport.stream.destroy();
    this.wake();
  }

  // ── input ──

  chunkAtHand(maximum: number): Buffer | undefined {
    const chunk = this.input.take(maximum);
    if (chunk) this.#contentOctets += chunk.length;
    return chunk;
  }

  /** Writes what is gathered and waits for more input until `until`. */
  more(wait: Wait, until: number, waiter: Waiter): void {
    this.send();
    if (this.blocked) {
      const since = this.#house.clock.elapsed(); // its time begins when it can know what it is waited for
      return void this.relieved().then(() => this.more(wait, until + this.#house.clock.elapsed() - since, waiter));
    }
    if (this.#paused && this.input.pending <= highWater) {
      this.#paused = false;
      this.#transport.stream.resume();
    }
    if (this.#ended || this.lost !== undefined || this.timedOut !== undefined) return waiter.resume(false);
    if (wait === 'command') this.#contentOctets = this.#contentWaited = 0;
    this.#wait(wait, until, waiter);
  }

  /** Resolves with the next event of the wire; false: nothing will come any more. Without a `wait` it has no deadline. */
  event(wait?: Wait, until = 0): Promise<boolean> {
    return new Promise((resolve) => this.#wait(wait, until, { resume: resolve }));
  }

  /** Lets who waits for a command look up, as if something had come. */
  nudge(): void {
    if (this.#waiting === 'command') this.wake();
  }

  /** Ends the wait under way, if any. */
  wake(): void {
    const waiter = this.#waiter;
    if (!waiter) return;
    if (this.#waiting === 'dataBlock') this.#contentWaited += this.#house.clock.elapsed() - this.#waitSince;
    this.#waiter = this.#waiting = undefined;
    waiter.resume(this.timedOut === undefined && this.lost === undefined && !(this.#ended && this.input.pending === 0));
  }

  /** No more waiting: the next wait, or the one under way, has run out. */
  expire(wait: Wait): void {
    this.timedOut = wait;
    if (this.#waiting === 'handshake') this.#transport.stream.destroy(new Error('the TLS handshake took too long'));
    else if (this.#waiting === 'unreadReplies') this.lose(new Error('the client does not read its replies'));
    else this.wake();
  }

  // ── output ──

  /** Gathers a reply. */
  write(text: string): void {
    this.#out += text;
    if (this.#out.length > batch) this.flush();
  }

  /** Writes what is gathered, now or at the end of this turn. */
  send(): void {
    if (this.#out !== '' && !settleInTurn(this)) this.flush();
  }

  flush(): void {
    if (this.#out === '') return;
    this.#early = this.input.pending > 0;
    const { stream } = this.#transport;
    if (stream.writable && !stream.write(this.#out, 'utf8')) this.#blocked = true;
    this.#out = '';
  }

  /** Whether the client talks on before it can have seen all our replies. */
  get ahead(): boolean {
    return this.#out !== '' || this.#early;
  }

  /** Whether the client doesn't read our replies. */
  get blocked(): boolean {
    return this.#blocked && this.lost === undefined;
  }

  /** Resolves when the client reads our replies again: until then nothing of it is executed. */
  async relieved(): Promise<void> {
    const until = this.#in('unreadReplies'); // what the client sends meanwhile gives it no more time
    while (this.blocked) await this.event('unreadReplies', until);
  }

  /** Runs a handshake; what was read before it is discarded, or belongs to it where TLS comes first. */
  async secure(tls: TlsSettings, unread: 'discard' | 'keep'): Promise<TlsInfo> {
    const early = unread === 'keep' ? this.#rest() : undefined;
    this.input.clear();
    this.#early = false;
    this.#wait('handshake', this.#in('handshake'), undefined);
    try {
      return await this.#transport.secure(tls, early);
    } finally {
      this.#waiting = undefined;
    }
  }

  /**
   * Lends the stream out, what was not read back in front, until `run` settles; not for longer than a grace once the
   * client is gone or given up.
   */
  async lend(run: (stream: Duplex) => Promise<void>): Promise<void> {
    const rest = this.#rest();
    const stream = this.#transport.release(this.#ended ? undefined : rest);
    stream.once('close', () => this.gone());
    // Nothing can be put in front of an end that was read already.
    const lent = this.#ended ? Duplex.from({ readable: Readable.from(rest ? [rest] : []), writable: stream }) : stream;
    const back = new AbortController();
    const abandoned = async (): Promise<void> => {
      while (this.lost === undefined) await this.event();
      await this.#house.clock.sleep(this.#house.deadlines.grace, back.signal).catch(() => {});
    };
    await Promise.race([run(lent), abandoned()]).finally(() => back.abort());
  }

  /** Sends what is gathered, then FIN; waits a little for the client's: a reset could overtake our last reply. */
  async end(): Promise<void> {
    this.flush();
    if (this.lost === undefined) {
      this.#transport.stream.end();
      this.input.clear();
      this.#transport.stream.resume();
      const until = this.#in('grace');
      while (this.lost === undefined && this.timedOut !== 'grace') await this.event('grace', until);
    }
    this.#transport.stream.destroy();
  }

  /** The coarse timer: ends a wait that is over, and sends what waits for a slow handler. */
  tick(now: number): void {
    this.flush();
    if (this.#waiting === undefined) return;
    const floor = this.#house.deadlines.dataRate;
    const waited = this.#contentWaited;
    const trickles = this.#waiting === 'dataBlock' && waited > rateAfter && this.#contentOctets * 1000 < floor * waited;
    if (now < this.#waitUntil && !trickles) return;
    this.expire(this.#waiting);
  }

  #wait(wait: Wait | undefined, until: number, waiter: Waiter | undefined): void {
    this.#waiting = wait;
    this.#waitUntil = until;
    if (wait === 'dataBlock') this.#waitSince = this.#house.clock.elapsed();
    this.#waiter = waiter;
  }

  /** All that is unread. */
  #rest(): Buffer | undefined {
    const pieces: Buffer[] = [];
    const next = (): Buffer | undefined => this.input.take(Number.POSITIVE_INFINITY);
    for (let piece = next(); piece; piece = next()) pieces.push(piece);
    return pieces.length > 0 ? Buffer.concat(pieces) : undefined;
  }

  #in(wait: Wait): number {
    return this.#house.clock.elapsed() + this.#house.deadlines[wait];
  }
}
