import { Buffer } from 'node:buffer';
import { hashMessage, writeResults, type HashedMessage } from '@maitred/authentication-results';
import { loadArc, type ArcCalls } from '@maitred/authentication-results/mailauth';
import type { Clock } from '@maitred/core';
import { seal, type Ingredients } from './seal.ts';
import type { Received, Sealed } from './sealed.ts';
import type { Sealer, SealingKeys } from './tokens.ts';

/** What every set of a sealer has in common. */
export interface Seals {
  readonly authservId: string;
  readonly domain: string;
  readonly signedFields?: readonly string[];
  readonly keys: SealingKeys;
  readonly clock: Clock;
}

/** Seals messages as they are sent, and as they are kept. */
export class Sealing implements Sealer {
  readonly #seals: Seals;
  #calls: Promise<ArcCalls> | undefined = undefined;

  constructor(seals: Seals) {
    this.#seals = seals;
  }

  /** Loads what it needs, once. */
  load(): Promise<ArcCalls> {
    return (this.#calls ??= loadArc());
  }

  async seal(message: Buffer | AsyncIterable<Uint8Array>, received: Received): Promise<Sealed | undefined> {
    return this.sealHashed(await hashMessage(message), received);
  }

  /** The same for a message that was read already. */
  async sealHashed(message: HashedMessage, { chain, results }: Received): Promise<Sealed | undefined> {
    const { domain, authservId, signedFields, keys, clock } = this.#seals;
    const key = await keys.find(domain);
    if (!key) throw new Error(`the message can't be sealed by ${domain}: SealingKeys has no key of it`);
    const payload = writeResults(authservId, results);
    const fields = signedFields && { signedFields };
    const ingredients: Ingredients = { key, chain, payload, now: clock.now(), ...fields };
    return seal(await this.load(), message, ingredients);
  }
}

/** A message as it begins, up to the empty line and with it; what comes after is read no further than it must be. */
export async function headerOf(message: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let seam = Buffer.alloc(0);
  for await (const piece of message) {
    pieces.push(piece);
    seam = Buffer.concat([seam.subarray(-3), piece]);
    if (seam.includes(end)) break;
  }
  const read = Buffer.concat(pieces);
  const at = read.indexOf(end);
  return at === -1 ? read : read.subarray(0, at + end.length);
}

const end = Buffer.from('\r\n\r\n');
