/**
 * The one file that calls mailauth, typed as it is used here (its own types lack MX and the verifier). Each
 * loader costs time and memory (all of it 175 ms and 45 MB): call them in `setup`, never while a client waits.
 */
import type {
  ARCChainEntry,
  ARCResult,
  ARCSealError,
  DKIMResult,
  DKIMSignError,
  DKIMSignOptions,
  DMARCResult,
} from 'mailauth';
import type { SPFResult } from 'mailauth/lib/spf/index.js';
import type {
  ArcData,
  KeyOptions,
  KeyType,
  ParsedHeaders,
  PublishedKey,
  Seal,
  VerifierClass,
} from './mailauth-verifier.ts';
import type { Resolver } from './tokens.ts';

export type {
  ARCChainEntry,
  ARCResult,
  ARCSealError,
  DKIMResult,
  DKIMSignError,
  DKIMSignOptions,
  DMARCResult,
  SPFResult,
};
export type {
  ArcData,
  BodyHash,
  KeyCache,
  KeyOptions,
  KeyType,
  ParsedField,
  ParsedHeaders,
} from './mailauth-verifier.ts';
export type { PublishedKey, Seal, SignatureField, Verifier, VerifierClass } from './mailauth-verifier.ts';
export type { VerifierOptions } from './mailauth-verifier.ts';

/** What mailauth asks the DNS by: {@link Resolver}, to which it hands any string as the type. */
type Ask = never;

/** What SPF is asked (RFC 7208 4.1). */
export interface SpfQuestion {
  /** The reverse-path without brackets; empty: the HELO identity alone. */
  readonly sender: string;
  readonly ip: string;
  readonly helo: string;
  /** The receiver's name, for macros and comments. */
  readonly mta: string;
  readonly resolver: Resolver;
  readonly strict: boolean;
  /** Milliseconds; beyond it `temperror`. mailauth has no limit of its own. */
  readonly maxElapsedTime: number;
  /** Terms that ask the DNS. Default: 10. */
  readonly maxResolveCount?: number;
  /** Void answers. Default: 2. */
  readonly maxVoidCount?: number;
}

/** Checks a client against a domain's record. Never rejects. */
export type SpfCall = (question: SpfQuestion) => Promise<SPFResult>;

/** Loads SPF. */
export async function loadSpf(): Promise<SpfCall> {
  const { spf } = (await import('mailauth/lib/spf/index.js')).default;
  return (question) => spf({ ...question, resolver: question.resolver as Ask });
}

/** Loads the verifier of DKIM signatures and of the newest ARC-Message-Signature. */
export async function loadVerifier(): Promise<VerifierClass> {
  // @ts-expect-error -- mailauth has no types for it
  const { default: module } = (await import('mailauth/lib/dkim/dkim-verifier.js')) as {
    readonly default: { readonly DkimVerifier: VerifierClass };
  };
  return module.DkimVerifier;
}

/** Validates and seals chains (RFC 8617 5). */
export interface ArcCalls {
  /** Asks for the seals' keys, by the key cache of the verifier that made `data` if the resolver is the same one. */
  validate(
    data: ArcData,
    options: {
      readonly resolver: Resolver;
      readonly strict: boolean;
      readonly minBitLength?: number;
      readonly ip?: string;
    },
  ): Promise<ARCResult>;
  /** Reads the chain of a header section; throws when its structure is broken (5.2, steps 1 to 3). */
  chain(headers: ParsedHeaders): ARCChainEntry[] | false;
  /** Seals by a header section, the chain in it and `seal.bodyHash`. */
  seal(data: {
    readonly headers: ParsedHeaders;
    readonly arc: Pick<ArcData, 'chain'>;
    readonly seal: Seal;
    readonly strict: boolean;
  }): Promise<NewSet>;
}

/** A new set's fields, in the order they go on top, without the last CRLF; none, and errors, when it can't be sealed. */
export interface NewSet {
  readonly headers: string[];
  readonly errors: ARCSealError[];
  readonly warnings: string[];
}

/** Loads ARC. */
export async function loadArc(): Promise<ArcCalls> {
  const { arc, createSeal, getARChain } = (await import('mailauth/lib/arc/index.js')).default;
  return {
    validate: (data, options) => arc(data as never, options as never),
    seal: (data) => createSeal(false, data as never),
    chain: (headers) => getARChain(headers, { strict: true }),
  };
}

/** What DMARC is told of a message. */
export interface DmarcQuestion {
  readonly headerFrom: readonly string[];
  readonly fromFields: number;
  /** Domains that passed SPF. */
  readonly spfDomains: readonly string[];
  /** Domains whose signatures passed. */
  readonly dkimDomains: readonly { readonly id?: string; readonly domain: string; readonly underSized?: number }[];
  readonly arcResult?: ARCResult;
  readonly resolver: Resolver;
  readonly strict: boolean;
}

/** What DMARC says; without a `response` there is no author's domain, or several. */
export interface DmarcAnswer {
  readonly response: DMARCResult | false;
  readonly dkimAligned?: Set<string>;
  readonly reason?: 'no-author-domain' | 'multiple-author-domains' | 'invalid-author-domain' | 'multiple-from-fields';
  readonly authorDomains?: string[];
}

/** Finds a domain's policy and whether a message aligns (RFC 9989 4.10, 5.3). */
export type DmarcCall = (question: DmarcQuestion) => Promise<DmarcAnswer>;

/** Loads DMARC. */
export async function loadDmarc(): Promise<DmarcCall> {
  const { evaluateDmarc } = (await import('mailauth/lib/dmarc/index.js')).default;
  return (question) => evaluateDmarc(question as never);
}

/** What is signed: a header section, and the body by its relaxed SHA-256 hash. */
export interface SignQuestion {
  readonly headers: ParsedHeaders;
  /** Base64. */
  readonly bodyHash: string;
  readonly options: Pick<DKIMSignOptions, 'signTime' | 'expires' | 'headerList'> & {
    readonly signatureData: Pick<DKIMSignOptions, 'signingDomain' | 'selector' | 'privateKey' | 'identity'>[];
  };
}

/** The DKIM-Signature fields, without their last CRLF; a key that could not sign has an error in its place. */
export interface SignAnswer {
  readonly signatures: readonly string[];
  readonly errors: readonly DKIMSignError[];
}

/** Signs by each key, `relaxed/relaxed`, and as strictly as RFC 6376 and RFC 8301 have it. Does not reject. */
export type SignCall = (question: SignQuestion) => Promise<SignAnswer>;

/** The class behind mailauth's `dkimSign`, which takes a hash that was made elsewhere. */
interface Signer {
  readonly signatureHeaders: string[];
  readonly errors: DKIMSignError[];
  finalize(): Promise<void>;
}

/** Loads the signer. */
export async function loadSigner(): Promise<SignCall> {
  // @ts-expect-error -- mailauth has no types for it
  const { default: module } = (await import('mailauth/lib/dkim/dkim-signer.js')) as {
    readonly default: { readonly DkimSigner: new (options: object) => Signer };
  };
  return async ({ headers, bodyHash, options }) => {
    const signer = new module.DkimSigner({ ...options, strict: true, headers, bodyHash });
    await signer.finalize();
    return { signatures: signer.signatureHeaders, errors: signer.errors };
  };
}

/** What keys are read with. */
export interface KeyCalls {
  /** A name as it is asked for (RFC 8616 3). */
  toALabel(name: string): string;
  /** Reads the record that the resolver gives. Rejects, with a `code`, when it is no key that may be used. */
  getPublicKey(
    type: KeyType,
    name: string,
    minBitLength: number | undefined,
    resolver: Resolver,
    options: KeyOptions,
  ): Promise<PublishedKey>;
}

/** Loads them. */
export async function loadKeys(): Promise<KeyCalls> {
  // @ts-expect-error -- mailauth has no types for it
  const { default: calls } = (await import('mailauth/lib/tools.js')) as { readonly default: KeyCalls };
  return calls;
}
