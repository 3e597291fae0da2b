import { createPublicKey } from 'node:crypto';
import type { KeyCache, KeyCalls, KeyOptions, KeyType, PublishedKey } from '../mailauth.ts';
import type { Resolver } from '../tokens.ts';

/** Keys that are remembered. */
const capacity = 256;

/**
 * Reads keys once, however many messages they signed: to read one takes longer than to verify by it. What is remembered is
 * what a record says, never that there is one: each message asks the DNS for its own. Records that are no keys are forgotten.
 */
export class KeyMemory {
  readonly #calls: KeyCalls;
  readonly #capacity: number;
  /** By the record and what it is to be fit for; those used last are last. */
  readonly #keys = new Map<string, PublishedKey>();

  constructor(calls: KeyCalls, most: number = capacity) {
    this.#calls = calls;
    this.#capacity = most;
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#keys.size;
  }

  /** The keys of one message: each question is asked once, and who asks again gets the same answer. */
  within(resolver: Resolver): KeyCache {
    const asked = new Map<string, Promise<PublishedKey>>();
    return {
      resolver,
      get: (type, name, minBitLength, options = {}) => {
        const question = JSON.stringify([name, ...fitness(minBitLength, options)]);
        let answer = asked.get(question);
        if (!answer) {
          answer = this.#ask(resolver, type, name, minBitLength, options);
          // Asked for ahead, it may fail before anybody listens; who does hears of it.
          answer.catch(() => {});
          asked.set(question, answer);
        }
        return answer;
      },
    };
  }

  async #ask(
    resolver: Resolver,
    type: KeyType,
    name: string,
    minBitLength: number | undefined,
    options: KeyOptions,
  ): Promise<PublishedKey> {
    const calls = this.#calls;
    const records = await resolver(calls.toALabel(name), 'TXT');
    const record = JSON.stringify([records[0], ...fitness(minBitLength, options)]);
    const known = this.#keys.get(record);
    this.#keys.delete(record);
    const answered = (() => Promise.resolve(records)) as unknown as Resolver;
    const key = known ?? parsed(await calls.getPublicKey(type, name, minBitLength, answered, options));
    this.#keys.set(record, key);
    if (this.#keys.size > this.#capacity) this.#keys.delete(this.#keys.keys().next().value as string);
    return key;
  }
}

/** What the answer depends on, beside the record. */
const fitness = (minBitLength: number | undefined, { strict, hashAlgo }: KeyOptions): unknown[] => [
  minBitLength ?? 0,
  strict === true,
  hashAlgo ?? '',
];

/** Node's own form is not parsed anew for each signature; to text it is what it was. */
function parsed(key: PublishedKey): PublishedKey {
  const publicKey = createPublicKey(key.publicKey);
  Object.defineProperty(publicKey, 'toString', { value: () => key.publicKey });
  return Object.freeze({ ...key, publicKey });
}
