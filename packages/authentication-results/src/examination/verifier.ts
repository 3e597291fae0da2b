import type { Buffer } from 'node:buffer';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BodyHash, DKIMResult } from '../mailauth.ts';
import type { SignatureField, Verifier, VerifierClass } from '../mailauth.ts';
import type { Resolver } from '../tokens.ts';
import { LimitedHash } from './body-hash.ts';
import type { BoundedHeader } from './bounded-header.ts';
import { arcFields, choose } from './choice.ts';
import type { Wants } from './examination.ts';
import type { KeyMemory } from './key-memory.ts';
import type { ExaminationLimits } from './limits.ts';
import { RelaxedBody } from './relaxed-body.ts';
import { SimpleBody } from './simple-body.ts';

/** What one message is verified with. */
export interface Task {
  readonly resolver: Resolver;
  readonly keys: KeyMemory;
  readonly wants: Wants;
  readonly limits: ExaminationLimits;
  readonly minBitLength: number;
  /** Milliseconds since 1970: what expiry is held against. */
  readonly now: number;
}

/** mailauth's verifier, with header and body handed to it by the pass instead of found by itself. */
export interface BoundedVerifier extends Verifier {
  /** DKIM-Signature fields beyond a limit. */
  readonly unexamined: number;
  /** A From field is over the limit. */
  readonly unreadFrom: boolean;
  /** How many hashes each octet of the body goes into. */
  readonly hashCount: number;
  /** Reads what is wanted of a header, and asks for all keys at once. */
  begin(headers: BoundedHeader): Promise<void>;
  /** Hashes octets of the body. */
  hash(octets: Buffer): void;
  /** Verifies; the body is whole. Gives the relaxed SHA-256 of the body, if that was wanted. */
  conclude(): Promise<string | undefined>;
}

/**
 * The verifier that works in bounds: it is shown the fields that count and no others, each in a form that takes no
 * quadratic time, hashes in linear time whatever the lines are like, lets others have a turn between signatures, and asks
 * for keys as soon as it knows of them. Its verdicts are those of the class it is made of.
 */
export function boundedVerifier(Base: VerifierClass): new (task: Task) => BoundedVerifier {
  return class extends Base implements BoundedVerifier {
    readonly #task: Task;
    readonly #simple = new SimpleBody();
    readonly #relaxed = new RelaxedBody();
    #unexamined = 0;
    #unreadFrom = false;
    #verified = 0;

    constructor(task: Task) {
      const { resolver, keys, minBitLength, now } = task;
      super({ resolver, minBitLength, strict: true, curTime: new Date(now) });
      this.keyCache = keys.within(resolver);
      this.arc.keyCache = this.keyCache;
      this.#task = task;
    }

    get unexamined(): number {
      return this.#unexamined;
    }

    get unreadFrom(): boolean {
      return this.#unreadFrom;
    }

    get hashCount(): number {
      return this.bodyHashes.size;
    }

    async begin(headers: BoundedHeader): Promise<void> {
      const { wants, limits } = this.#task;
      const chosen = choose(headers, wants, limits);
      this.#unexamined = chosen.unexamined;
      this.#unreadFrom = chosen.unreadFrom;
      await this.messageHeaders({ parsed: chosen.fields, original: headers.original });
      // What is verified are the fields as they came.
      this.headers = headers;
      this.fromFields = chosen.fromFields;
      if (chosen.brokenChain !== undefined) this.arc.error = brokenChain(chosen.brokenChain);
      for (const part of this.#signatureFields()) part.original = chosen.originals.get(part.original) ?? part.original;
      if (wants.bodyHash === true) this.addBodyHash('relaxed', 'sha256', '');
      this.#askForKeys();
    }

    hash(octets: Buffer): void {
      if (this.#simple.hashes.length > 0) this.#simple.write(octets);
      if (this.#relaxed.hashes.length > 0) this.#relaxed.write(octets);
    }

    async conclude(): Promise<string | undefined> {
      await this.finalChunk();
      return this.#task.wants.bodyHash === true ? this.bodyHashes.get('relaxed:sha256:')?.hash : undefined;
    }

    override addBodyHash(canonicalization: string, algorithm: string, limit: number | ''): string {
      const key = [canonicalization, algorithm, limit].join(':');
      if (this.bodyHashes.has(key)) return key;
      const body = canonicalization === 'relaxed' ? this.#relaxed : this.#simple;
      const hash: BodyHash = new LimitedHash(body, algorithm, limit === '' ? undefined : limit);
      body.hashes.push(hash as LimitedHash);
      this.bodyHashes.set(key, hash);
      return key;
    }

    override prepareSignature(signature: SignatureField): void {
      super.prepareSignature(signature);
      const names = signature.parsed?.['h']?.value;
      // Each name is looked for among all fields.
      if (typeof names === 'string' && names.split(':').length > this.#task.limits.signedFields) {
        signature.skip = 'too many signed fields';
      }
    }

    override async verifySignature(signature: SignatureField, fallback?: boolean): Promise<DKIMResult> {
      if (this.#verified > 0) await nextTurn();
      this.#verified += 1;
      return super.verifySignature(signature, fallback);
    }

    *#signatureFields(): Iterable<{ original: Buffer }> {
      yield* this.signatureHeaders;
      for (const set of this.arc.chain || []) {
        for (const name of arcFields) yield set[name] as unknown as { original: Buffer };
      }
    }

    /** A key is kept by the question it answers: who asks again, as mailauth does after the end, gets the same answer. */
    #askForKeys(): void {
      const ask = (type: 'DKIM' | 'ARC' | 'AS', selector: unknown, domain: unknown, hashAlgo: string): void => {
        const name = `${String(selector)}._domainkey.${String(domain)}`;
        void this.keyCache.get(type, name, this.minBitLength, { strict: this.strict, hashAlgo });
      };
      for (const { type, skip, invalid, selector, signingDomain, hashAlgo } of this.signatureHeaders) {
        // Of rsa-sha1 nobody asks for the key (RFC 8301 3.1).
        if (skip === undefined && invalid === undefined && hashAlgo !== 'sha1') {
          ask(type, selector, signingDomain, hashAlgo);
        }
      }
      for (const set of this.arc.chain || []) {
        const { s, d } = set['arc-seal']?.parsed ?? {};
        if (s?.value !== undefined && d?.value !== undefined) ask('AS', s.value, d.value, 'sha256');
      }
    }
  };
}

/** By this code mailauth tells why. */
const brokenChain = (why: string): Error => Object.assign(new Error(why), { code: 'invalid_arc_tags' });
