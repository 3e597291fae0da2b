import type { Buffer } from 'node:buffer';
import { replies, type Reply, type Tap } from '@maitred/core';
import type { Examination, Findings, Wants } from './examination.ts';
import { HeaderGatherer } from './header-end.ts';
import { readHeader } from './bounded-header.ts';
import { isTooLong } from './choice.ts';
import { endsLinesInCrlf } from './header.ts';
import { longestHeader, type ExaminationLimits } from './limits.ts';
import type { BoundedVerifier } from './verifier.ts';

/** What a pass stands on. */
export interface PassGround {
  readonly limits: ExaminationLimits;
  /** Whether what is over a limit is refused. */
  readonly strict: boolean;
  /** Makes the verifier, once the header is known. */
  verifier(wants: Wants): BoundedVerifier;
  /** Refuses the message. */
  refuse(reply: Reply): void;
  /** Settles in another turn of the event loop. */
  nextTurn(): Promise<unknown>;
}

/** One message being examined: the tap that sees it, and what it finds. Holds the header, and a few octets of the body. */
export class Pass implements Examination {
  readonly tap: Tap;
  readonly #ground: PassGround;
  #wants: Wants = {};
  #header: HeaderGatherer | undefined;
  #verifier: BoundedVerifier | undefined = undefined;
  #state: 'unread' | 'reading' | 'whole' | 'gone' = 'unread';
  /** Octets hashed in this turn, each once per hash. */
  #work = 0;
  #overLimit: string | undefined = undefined;
  #findings: Promise<Findings> | undefined = undefined;

  constructor(ground: PassGround) {
    this.#ground = ground;
    const { header } = ground.limits;
    this.#header = new HeaderGatherer(ground.strict ? header : Math.max(header, longestHeader));
    this.tap = {
      write: (chunk) => this.#write(chunk),
      end: () => this.#end(),
      abort: () => this.#drop(),
    };
  }

  want({ signatures = false, chain = false, bodyHash = false }: Wants): void {
    if (this.#state !== 'unread') throw new RangeError('what a pass looks for is said before the content comes');
    const { signatures: a, chain: b, bodyHash: c } = this.#wants;
    this.#wants = {
      signatures: signatures || a === true,
      chain: chain || b === true,
      bodyHash: bodyHash || c === true,
    };
  }

  findings(): Promise<Findings> {
    if (this.#state !== 'whole') return Promise.reject(new Error(notWhole[this.#state]));
    return (this.#findings ??= this.#conclude());
  }

  #write(chunk: Buffer): void | Promise<void> {
    if (this.#state === 'gone') return undefined;
    this.#state = 'reading';
    if (!this.#header) return this.#hash(chunk);
    const taken = this.#header.take(chunk);
    if (this.#header.complete) return this.#begin(chunk.subarray(taken));
    if (this.#header.tooLong) this.#refuse(tooLarge('section', this.#header.limit));
    return undefined;
  }

  async #begin(body?: Buffer): Promise<void> {
    const section = this.#header?.section;
    this.#header = undefined;
    if (!section) return;
    if (!endsLinesInCrlf(section)) return this.#refuse(bareLineEnding);
    const { limits, strict } = this.#ground;
    const headers = readHeader(section, limits);
    if (strict && headers.overLimit !== undefined) return this.#refuse(tooMany(limits.fields));
    if (strict && headers.parsed.some((one) => isTooLong(one, limits))) {
      return this.#refuse(tooLarge('field', limits.field));
    }
    this.#overLimit = headers.overLimit;
    this.#verifier = this.#ground.verifier(this.#wants);
    await this.#verifier.begin(headers);
    if (body) await this.#hash(body);
  }

  /** At once, unless it is more than a turn may do. */
  #hash(octets: Buffer): void | Promise<void> {
    const verifier = this.#verifier;
    if (!verifier || verifier.hashCount === 0 || octets.length === 0) return undefined;
    this.#work += octets.length * verifier.hashCount;
    if (this.#work > this.#ground.limits.turn) return this.#hashInTurns(octets, verifier);
    verifier.hash(octets);
    return undefined;
  }

  async #hashInTurns(octets: Buffer, verifier: BoundedVerifier): Promise<void> {
    const piece = Math.max(1, Math.floor(this.#ground.limits.turn / verifier.hashCount));
    for (let at = 0; at < octets.length; at += piece) {
      await this.#ground.nextTurn();
      // Dropped meanwhile.
      if (this.#verifier !== verifier) return;
      const next = octets.subarray(at, at + piece);
      this.#work = next.length * verifier.hashCount;
      verifier.hash(next);
    }
  }

  async #end(): Promise<void> {
    if (this.#state === 'gone') return;
    if (this.#header) await this.#begin();
    if (this.#verifier) this.#state = 'whole';
  }

  async #conclude(): Promise<Findings> {
    const verifier = this.#verifier as BoundedVerifier;
    const bodyHash = await verifier.conclude();
    const { headers, headerFrom, fromFields, unreadFrom, unexamined, arc, keyCache } = verifier;
    const overLimit = this.#overLimit;
    // What is not signed has a result too, of `none`.
    const signatures = verifier.signatureHeaders.some(({ type }) => type === 'DKIM') ? verifier.results : [];
    const { resolver } = keyCache;
    if (!headers) throw new Error('the verifier has no header');
    const found = { headers, headerFrom, fromFields, unreadFrom, signatures, unexamined, arc, bodyHash, resolver };
    return overLimit === undefined ? found : { ...found, overLimit };
  }

  #refuse(reply: Reply): void {
    this.#drop();
    this.#ground.refuse(reply);
  }

  #drop(): void {
    this.#state = 'gone';
    this.#header = undefined;
    this.#verifier = undefined;
  }
}

const notWhole = {
  unread: 'the content has not come yet: ask for findings in the message stage',
  reading: 'the content is not whole yet: ask for findings in the message stage',
  gone: 'the message was refused, or its content will never be whole',
};

const bareLineEnding = replies.of(554, '5.6.0', 'Bare CR or LF in the header: lines end with CR LF');

const tooLarge = (what: 'section' | 'field', octets: number): Reply =>
  replies.of(552, '5.3.4', `Header ${what} too large to be verified: at most ${octets} octets`);

const tooMany = (fields: number): Reply =>
  replies.of(552, '5.3.4', `Too many header fields to be verified: at most ${fields}`);
