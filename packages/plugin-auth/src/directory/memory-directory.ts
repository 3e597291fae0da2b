import { createHash, randomBytes } from 'node:crypto';
import { prepare } from '../sasl/prepare.ts';
import { scramRecord, type ScramHash, type ScramRecord } from '../sasl/scram.ts';
import type { UserDirectory } from '../tokens.ts';
import { hashPassword, usualCost, verifyHash, type HashCost } from './password-hash.ts';

/** A user, and how it may prove to be that. */
export interface MemoryUser {
  /** The name it logs in with, and its identity. */
  readonly name: string;
  /** Hashed at once, for PLAIN and LOGIN as for SCRAM, and then forgotten. */
  readonly password?: string;
  /** A hash of `hashPassword`, instead of a password: then there is no SCRAM. */
  readonly passwordHash?: string;
  /** Bearer tokens; kept hashed. */
  readonly tokens?: readonly string[];
  /** SHA-256 fingerprints of certificates, in hexadecimal, with colons or without. */
  readonly certificates?: readonly string[];
  /** The names of others that it may act as. */
  readonly actsAs?: readonly string[];
}

/** What a directory in memory is made with. */
export interface MemoryDirectoryOptions {
  /** What a password's hash costs. Default: 16 MiB, some 50 ms. A `passwordHash` should have the same. */
  readonly cost?: HashCost;
  /** Default: 10,000. If it differs, tell `scram({ decoy })` too. */
  readonly scramIterations?: number;
  /** Keeps the passwords in clear: CRAM-MD5 works with nothing less. Default: false. */
  readonly keepPasswords?: boolean;
}

interface Known {
  readonly identity: string;
  readonly hash: string | undefined;
  readonly scram: ReadonlyMap<ScramHash, ScramRecord>;
  readonly password: string | undefined;
  readonly actsAs: ReadonlySet<string>;
}

const hashes: readonly ScramHash[] = ['SHA-256', 'SHA-1'];

/**
 * A directory of users that doesn't change: for small services and for tests. It has the functions that its users can use,
 * so that a mechanism nobody could succeed with isn't offered.
 *
 * Rejects with a RangeError for two users of one name, and for names and passwords that can't be prepared.
 */
export async function memoryDirectory(
  users: readonly MemoryUser[],
  { cost = usualCost, scramIterations, keepPasswords = false }: MemoryDirectoryOptions = {},
): Promise<UserDirectory> {
  const known = new Map<string, Known>();
  const tokens = new Map<string, string>();
  const certificates = new Map<string, string>();
  for (const user of users) {
    const identity = named(user);
    if (known.has(identity)) throw new RangeError(`the user ${identity} is there twice`);
    known.set(identity, await learn(identity, user, cost, keepPasswords, scramIterations));
    for (const token of user.tokens ?? []) tokens.set(digest(token), identity);
    for (const fingerprint of user.certificates ?? []) certificates.set(plainHex(fingerprint), identity);
  }
  const has = (wanted: (user: Known) => unknown): boolean => [...known.values()].some((user) => Boolean(wanted(user)));
  // What an unknown user's password is compared with: as much work, and an answer that is forgotten.
  const nobody = await hashPassword(randomBytes(16).toString('hex'), cost);
  const directory: UserDirectory = {
    mayActAs: async (identity, other) => known.get(identity)?.actsAs.has(other) ?? false,
    ...(has(({ hash }) => hash) && {
      async verifyPassword(name, password) {
        const user = known.get(name);
        const fits = await verifyHash(password, user?.hash ?? nobody);
        return fits && user?.hash !== undefined ? user.identity : undefined;
      },
    }),
    ...(has(({ scram }) => scram.size) && { scramRecord: async (name, hash) => known.get(name)?.scram.get(hash) }),
    ...(tokens.size > 0 && { verifyToken: async (token) => tokens.get(digest(token)) }),
    ...(certificates.size > 0 && {
      verifyCertificate: async ({ fingerprint256 }) => certificates.get(plainHex(fingerprint256)),
    }),
    ...(has(({ password }) => password) && { sharedSecret: async (name) => known.get(name)?.password }),
  };
  return directory;
}

function named({ name }: MemoryUser): string {
  const prepared = prepare(name);
  if (prepared === undefined) throw new RangeError(`${JSON.stringify(name)} can't be a user's name`);
  return prepared;
}

async function learn(
  identity: string,
  { password, passwordHash, actsAs = [] }: MemoryUser,
  cost: HashCost,
  keepPasswords: boolean,
  iterations: number | undefined,
): Promise<Known> {
  const plain = password === undefined ? undefined : prepare(password);
  if (password !== undefined && plain === undefined) throw new RangeError(`the password of ${identity} can't be one`);
  if (plain !== undefined && passwordHash !== undefined) throw new RangeError(`${identity} has a password and a hash`);
  const record = async (hash: ScramHash): Promise<readonly [ScramHash, ScramRecord]> => [
    hash,
    await scramRecord(plain ?? '', { hash, ...(iterations !== undefined && { iterations }) }),
  ];
  return {
    identity,
    hash: plain === undefined ? passwordHash : await hashPassword(plain, cost),
    scram: new Map(plain === undefined ? [] : await Promise.all(hashes.map(record))),
    password: keepPasswords ? plain : undefined,
    actsAs: new Set(actsAs),
  };
}

const digest = (token: string): string => createHash('sha256').update(token).digest('hex');
const plainHex = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase();
