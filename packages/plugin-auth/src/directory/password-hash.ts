import { Buffer } from 'node:buffer';
import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { prepare, preparePassword } from '../sasl/prepare.ts';

/** What a password's hash costs (RFC 7914 2): about `128 * r * 2 ** ln` octets and `p` times as much work. */
export interface HashCost {
  /** log2 of scrypt's N. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** 16 MiB, and some 50 ms of one thread. */
export const usualCost: HashCost = { ln: 14, r: 8, p: 1 };

const keyOctets = 32;
const saltOctets = 16;

/**
 * Hashes a password with scrypt and a new salt, to be stored: `$scrypt$ln=14,r=8,p=1$salt$hash`. The password is prepared
 * first.
 *
 * Rejects with a RangeError for a password that can't be prepared.
 */
export async function hashPassword(password: string, cost: HashCost = usualCost): Promise<string> {
  const prepared = preparePassword(password);
  const salt = randomBytes(saltOctets);
  const key = await derive(prepared, salt, cost, keyOctets);
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${unpadded(salt)}$${unpadded(key)}`;
}

/**
 * Whether a password is the one that was hashed. For a user that there isn't, verify against any hash of the same cost and
 * forget the answer: then it takes as long.
 *
 * Rejects with a RangeError when `hash` is none that {@link hashPassword} made.
 */
export async function verifyHash(password: string, hash: string): Promise<boolean> {
  const { cost, salt, key } = parseHash(hash);
  const prepared = prepare(password);
  // What can't be prepared is nobody's password, and costs the same.
  const derived = await derive(prepared ?? '', salt, cost, key.length);
  return timingSafeEqual(derived, key) && prepared !== undefined;
}

function parseHash(hash: string): { readonly cost: HashCost; readonly salt: Buffer; readonly key: Buffer } {
  const [, ln, r, p, salt = '', key = ''] =
    /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]{22,})$/.exec(hash) ?? [];
  if (ln === undefined) throw new RangeError('no hash as hashPassword makes them: $scrypt$ln=…,r=…,p=…$salt$hash');
  return {
    cost: { ln: Number(ln), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
  };
}

function derive(password: string, salt: Buffer, { ln, r, p }: HashCost, octets: number): Promise<Buffer> {
  const N = 2 ** ln;
  const options: ScryptOptions = { N, r, p, maxmem: 256 * r * (N + p) };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, octets, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

const unpadded = (octets: Buffer): string => octets.toString('base64').replace(/=+$/, '');
