import type { X509Certificate } from 'node:crypto';
import { token, type Token } from '@maitred/core';
import type { ScramHash, ScramRecord } from './sasl/scram.ts';

/** What a client says beside its token; none of it is proven. */
export interface TokenClaim {
  /** `OAUTHBEARER` or `XOAUTH2`. */
  readonly mechanism: string;
  /** Whom it wants to be taken for, if it says so. */
  readonly user: string | undefined;
  /** The server and port it believes to talk to: those that the token is for. */
  readonly host: string | undefined;
  readonly port: number | undefined;
}

/** A user's SCRAM record, and who that is. */
export interface UserScramRecord extends ScramRecord {
  /** The user's identity, where it isn't the name as the client gave it. */
  readonly identity?: string;
}

/**
 * Who may log in. Bring the functions you have: a mechanism whose function is missing is not offered. Names and passwords
 * come prepared (SASLprep, RFC 4013).
 *
 * An answer is the user's identity, the same however the name was spelled, or undefined. A wrong password and an unknown
 * user must not differ in time either: derive from any other hash of the same cost. A rejection means that nobody can say
 * now: the client reads 454 4.7.0, and the log a message in which nothing of what the client sent is left. An `SmtpError`
 * is its own answer: 432 4.7.12 to who has to set a new password first.
 */
export interface UserDirectory {
  /** Who has this name and this password: PLAIN, LOGIN. */
  verifyPassword?(user: string, password: string, signal: AbortSignal): Promise<string | undefined>;
  /** What is stored of this user's password for SCRAM; of an unknown user nothing: the plugin makes up a record. */
  scramRecord?(user: string, hash: ScramHash, signal: AbortSignal): Promise<UserScramRecord | undefined>;
  /** The hashes that `scramRecord` has records of. Default: both. */
  readonly scramHashes?: readonly ScramHash[];
  /** Whose bearer token this is: OAUTHBEARER, XOAUTH2. Check what it is for, and until when. */
  verifyToken?(token: string, claim: TokenClaim, signal: AbortSignal): Promise<string | undefined>;
  /** Whose certificate this is, which TLS has verified: EXTERNAL. */
  verifyCertificate?(certificate: X509Certificate, signal: AbortSignal): Promise<string | undefined>;
  /** The user's password in clear: CRAM-MD5. */
  sharedSecret?(user: string, signal: AbortSignal): Promise<string | undefined>;
  /** Whether who proved to be `identity` may act as `other` (an authorization identity). Default: nobody may. */
  mayActAs?(identity: string, other: string, signal: AbortSignal): Promise<boolean>;
}

/** The directory that AUTH asks; registered by `auth({ directory })`. */
export const UserDirectory: Token<UserDirectory> = token('user directory');
