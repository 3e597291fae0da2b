/** What mailauth's verifier is, and what goes in and out of it: types that mailauth has none of, or other ones. */
import type { KeyObject } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { ARCChainEntry, DKIMResult } from 'mailauth';
import type { Resolver } from './tokens.ts';

/** A header field as mailauth keeps it. */
export interface ParsedField {
  /** The name in lower case. */
  readonly key: string;
  readonly casedKey: string;
  /** The whole field, folds and name too, without the last CRLF. */
  readonly line: Buffer;
}

/** A header section as mailauth keeps it. */
export interface ParsedHeaders {
  readonly parsed: ParsedField[];
  readonly original: Buffer;
}

/** A tag list's value (RFC 6376 3.2). */
interface TagValue {
  readonly value?: string | number;
}

/** A signature field on its way through the verifier: a DKIM-Signature, or the newest ARC-Message-Signature. */
export interface SignatureField {
  readonly type: 'DKIM' | 'ARC';
  /** The field's octets. */
  original: Buffer;
  readonly parsed?: Readonly<Record<string, TagValue | undefined>>;
  /** Why it isn't processed, or is reported without asking for its key. */
  skip?: string;
  invalid?: string;
  signingDomain: string;
  selector: string;
  algorithm: string;
  hashAlgo: string;
  headerCanon: string;
  bodyCanon: string;
  maxBodyLength: number | '';
  bodyHashKey?: string;
}

/** The hash of a body, as a verifier fills it and reads it. */
export interface BodyHash {
  update(octets: Buffer): void;
  /** The body is whole. */
  digest(encoding: 'base64'): string;
  getMimeStructureStart(): number | undefined;
  /** Octets that were hashed, of the canonical body in all, and as it came. */
  readonly bodyHashedBytes: number;
  readonly canonicalizedLength: number;
  readonly byteLength: number;
  /** The verifier's, once it asked for the digest. */
  hash?: string;
  mimeStructureStart?: number | undefined;
}

/** Whose key is asked for: a DKIM-Signature's, an ARC-Message-Signature's, an ARC-Seal's. */
export type KeyType = 'DKIM' | 'ARC' | 'AS';

/** What a key is to be fit for. */
export interface KeyOptions {
  readonly strict?: boolean;
  readonly hashAlgo?: string;
}

/** Keys by record, each asked for once in a message. A rejection may go unheard. */
export interface KeyCache {
  readonly resolver: Resolver;
  get(type: KeyType, name: string, minBitLength: number | undefined, options?: KeyOptions): Promise<PublishedKey>;
}

/** What the verifier read of a chain; handed to `ArcCalls`. */
export interface ArcData {
  chain: ARCChainEntry[] | false;
  lastEntry?: ARCChainEntry;
  error?: Error;
  warnings: string[];
  /** Of the verifier that read it; not enumerable there. */
  keyCache?: KeyCache;
}

/** How a set is to be sealed. mailauth changes it: a fresh one for each message. */
export interface Seal {
  readonly signingDomain: string;
  readonly selector: string;
  /** PEM. */
  readonly privateKey: string | Buffer;
  readonly algorithm?: string;
  /** The chain's state as it was found: `none` for the first set. */
  cv?: 'none' | 'pass' | 'fail';
  i?: number;
  /** The relaxed body hash; set by a verifier that was made with this seal. */
  bodyHash?: string;
  /** What follows `i=N;` in ARC-Authentication-Results. */
  authResults?: string;
  headerList?: readonly string[];
  signTime?: Date;
}

/** What a verifier is made with. */
export interface VerifierOptions {
  readonly resolver: Resolver;
  /** The reverse-path; not taken from a `Return-Path` field when it isn't empty. */
  readonly sender?: string;
  /** RSA keys that are shorter don't count. Default: 1024. */
  readonly minBitLength?: number;
  readonly strict?: boolean;
  readonly seal?: Seal;
  readonly curTime?: Date;
}

/** Hashes a message as it is written, and after `finish` knows what its signatures are worth. Internals are included. */
export interface Verifier extends Writable {
  results: DKIMResult[];
  headers: ParsedHeaders | false;
  /** The addresses of all From fields, and the number of those fields. */
  headerFrom: string[];
  fromFields: number;
  arc: ArcData;
  seal?: Seal;
  // ── internals, for the one subclass; tests hold it against this class unchanged ──
  state: 'header' | 'body';
  byteLength: number;
  headerChunks: Buffer[];
  signatureHeaders: SignatureField[];
  keyCache: KeyCache;
  readonly minBitLength: number | undefined;
  readonly strict: boolean;
  readonly bodyHashes: Map<string, BodyHash>;
  writeAsync(chunk: Buffer, encoding?: BufferEncoding): Promise<void>;
  processChunk(chunk: Buffer): Promise<void>;
  emitHeaders(chunk?: Buffer): Promise<void>;
  messageHeaders(headers: ParsedHeaders): Promise<void>;
  nextChunk(chunk: Buffer): Promise<void>;
  finish(): Promise<void>;
  finalChunk(): Promise<void>;
  prepareSignature(signature: SignatureField): void;
  addBodyHash(canonicalization: string, algorithm: string, limit: number | ''): string;
  verifySignature(signature: SignatureField, fallback?: boolean): Promise<DKIMResult>;
}

/** mailauth's `DkimVerifier`. */
export type VerifierClass = new (options: VerifierOptions) => Verifier;

/** A key as a record publishes it (RFC 6376 3.6.1). */
export interface PublishedKey {
  /** PEM, or a key of Node's. */
  readonly publicKey: string | KeyObject;
  readonly keyType: string;
  readonly modulusLength?: number;
}
