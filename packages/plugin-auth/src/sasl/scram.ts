import { Buffer } from 'node:buffer';
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { preparePassword } from './prepare.ts';

/** The hash functions SCRAM is registered with here (RFC 5802, RFC 7677), as the mechanisms' names have them. */
export type ScramHash = 'SHA-256' | 'SHA-1';

/** What a server keeps of a password for SCRAM (RFC 5802 3): enough to verify it, not enough to log in elsewhere. */
export interface ScramRecord {
  readonly salt: Buffer;
  /** How often the password is hashed. */
  readonly iterations: number;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** How a record is made. */
export interface ScramOptions {
  /** Default: `SHA-256`. */
  readonly hash?: ScramHash;
  /** At least 4,096 (RFC 7677 4). Default: 10,000. Clients do the work, some of them on old telephones. */
  readonly iterations?: number;
  /** Default: 16 random octets. */
  readonly salt?: Buffer;
}

/** What records look like where nothing else is said: those of unknown users must look the same. */
export const usualScram = { iterations: 10_000, saltOctets: 16 } as const;

/** Octets of a hash. */
const lengths: Readonly<Record<ScramHash, number>> = { 'SHA-256': 32, 'SHA-1': 20 };

/** Node's name of a hash. */
const nodeName = (hash: ScramHash): string => hash.replace('-', '');

const derive = promisify(pbkdf2);

/**
 * Derives what SCRAM needs from a password (RFC 5802 3), which is prepared first.
 *
 * Rejects with a RangeError for a password that can't be prepared, for fewer than 4,096 iterations, and for no salt.
 */
export async function scramRecord(
  password: string,
  {
    hash = 'SHA-256',
    iterations = usualScram.iterations,
    salt = randomBytes(usualScram.saltOctets),
  }: ScramOptions = {},
): Promise<ScramRecord> {
  const prepared = preparePassword(password);
  if (!Number.isSafeInteger(iterations) || iterations < 4096) throw new RangeError('at least 4096 iterations');
  if (salt.length === 0) throw new RangeError('a salt has at least one octet');
  const salted = await derive(prepared, salt, iterations, lengths[hash], nodeName(hash));
  const storedKey = createHash(nodeName(hash))
    .update(hmac(hash, salted, 'Client Key'))
    .digest();
  return { salt, iterations, storedKey, serverKey: hmac(hash, salted, 'Server Key') };
}

/**
 * A record for a user that there isn't: the same salt each time, so that nobody learns from asking twice, and keys that
 * no proof fits.
 */
export function decoyRecord(
  user: string,
  hash: ScramHash,
  { secret, iterations, saltOctets }: { readonly secret: string | Buffer; iterations: number; saltOctets: number },
): ScramRecord {
  const salt = createHmac('sha512', secret).update(`${hash} ${user}`).digest().subarray(0, saltOctets);
  const key = Buffer.alloc(lengths[hash]);
  return { salt, iterations, storedKey: key, serverKey: key };
}

/**
 * Checks a client's proof over the exchange's messages (RFC 5802 3); gives the server's signature, or undefined when the
 * client doesn't know the password. Takes the same time either way.
 */
export function verifyProof(
  { storedKey, serverKey }: ScramRecord,
  hash: ScramHash,
  authMessage: string,
  proof: Buffer,
): Buffer | undefined {
  const signature = hmac(hash, storedKey, authMessage);
  const fits = proof.length === signature.length;
  const clientKey = signature.map((octet, at) => octet ^ (proof[at] ?? 0));
  const found = createHash(nodeName(hash)).update(clientKey).digest();
  const ours = hmac(hash, serverKey, authMessage);
  return timingSafeEqual(found, storedKey) && fits ? ours : undefined;
}

function hmac(hash: ScramHash, key: Buffer, text: string): Buffer {
  return createHmac(nodeName(hash), key).update(text).digest();
}
