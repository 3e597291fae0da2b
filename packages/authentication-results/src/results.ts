/** One property of a result: `smtp.mailfrom=example.org` (RFC 8601 2.3). The value is a stranger's, as it was seen. */
export interface Property {
  /** `smtp`, `header`, `body` or `policy`. */
  readonly ptype: string;
  readonly property: string;
  readonly value: string;
}

/** What `Authentication-Results` says of one check (`resinfo`, RFC 8601 2.2). Texts may be a stranger's: the writer quotes. */
export interface Resinfo {
  /** `spf`, `dkim`, `arc`, `dmarc`, `iprev` … as registered with IANA. */
  readonly method: string;
  readonly result: string;
  readonly reason?: string;
  readonly comment?: string;
  readonly properties: readonly Property[];
}

/** What SPF says of one identity (RFC 7208 2.6); `policy` is RFC 8601's, of a local decision. */
export type SpfWord = 'none' | 'neutral' | 'pass' | 'fail' | 'softfail' | 'temperror' | 'permerror' | 'policy';

/** The check of one identity (RFC 7208 2.3, 2.4). */
export interface SpfCheck {
  readonly identity: 'mailfrom' | 'helo';
  readonly result: SpfWord;
  /** The domain that was asked, lower case, A-labels. */
  readonly domain: string;
  /** What the domain's owner says of a `fail` (RFC 7208 6.2): a third party's text, sanitised and bounded. */
  readonly explanation?: string;
  /** Why, in words of ours. */
  readonly comment?: string;
}

/** What SPF found: of MAIL FROM, or of HELO where the reverse-path is null. DMARC asks for this one (RFC 9989 4.4.2). */
export interface Spf extends SpfCheck {
  /** The HELO identity's own check, where it was made beside MAIL FROM's. */
  readonly helo?: SpfCheck;
  readonly resinfo: readonly Resinfo[];
}

/** What DKIM says of one signature (RFC 8601 2.7.1). */
export type DkimWord = 'none' | 'pass' | 'fail' | 'policy' | 'neutral' | 'temperror' | 'permerror';

/** What was found of one signature, in the order they have in the header. */
export interface Dkim {
  readonly result: DkimWord;
  /** The signing domain (`d=`), lower case, A-labels; empty where the signature names none. */
  readonly domain: string;
  /** `s=`. */
  readonly selector: string;
  /** `a=`: `rsa-sha256`, `ed25519-sha256`. */
  readonly algorithm: string;
  /** The agent or user (`i=`), `@` and the domain by default. */
  readonly identity: string;
  /** Whether it may count for alignment: it passed, and covers the whole body. */
  readonly counts: boolean;
  /** Octets of the canonicalized body that an `l=` leaves uncovered. */
  readonly uncovered: number;
  /** The key says that its domain is testing (`t=y`). */
  readonly testing: boolean;
  /** `t=` lies in the future. */
  readonly future: boolean;
  readonly comment?: string;
  readonly resinfo: readonly Resinfo[];
}

/** One hop of a chain (RFC 8617 4.2). */
export interface ArcSet {
  readonly instance: number;
  /** The sealer: `d=` of its ARC-Seal, lower case, A-labels. */
  readonly domain: string;
  readonly selector: string;
  /** Who wrote its ARC-Authentication-Results, and what it found. Worth as much as the sealer. */
  readonly authservId: string;
  readonly results: readonly Resinfo[];
}

/** What ARC found of the chain (RFC 8617 5.2). */
export interface Arc {
  readonly result: 'none' | 'pass' | 'fail';
  /** The chain's sets by instance, first hop first; empty where there is none or its structure is broken. */
  readonly sets: readonly ArcSet[];
  /**
   * Of a chain that passed, the sets whose word may override DMARC (RFC 8617 7.2.1): from the newest back, as far as each
   * sealer is one that the application named. What an earlier sealer says is a stranger's. Empty by default.
   */
  readonly trusted: readonly ArcSet[];
  readonly comment?: string;
  readonly resinfo: readonly Resinfo[];
}

/** A policy that a domain's owner asks for (RFC 9989 4.7). */
export type DmarcPolicy = 'none' | 'quarantine' | 'reject';

/** What DMARC found (RFC 9989 5.3). */
export interface Dmarc {
  readonly result: 'none' | 'pass' | 'fail' | 'temperror' | 'permerror';
  /** The author's domain, lower case, A-labels; empty where From has none, or several. */
  readonly domain: string;
  /** What the owner asks for this message, `t`, `sp` and `np` applied; undefined without a record. */
  readonly policy?: DmarcPolicy;
  /** What is asked of who keeps the message: the policy where it failed and nothing overrides it, else `none`. */
  readonly disposition: DmarcPolicy;
  /** Where the record that counts was found. */
  readonly policyDomain?: string;
  /** The Organizational Domain (RFC 9989 4.10). */
  readonly organizationalDomain?: string;
  /** The domains that aligned. */
  readonly aligned: { readonly spf?: string; readonly dkim?: string };
  readonly comment?: string;
  readonly resinfo: readonly Resinfo[];
}

/** Whether the client's address and its name agree (RFC 8601 2.7.3). */
export interface Iprev {
  readonly result: 'pass' | 'fail' | 'temperror' | 'permerror';
  readonly address: string;
  /** The name that leads back to the address, lower case; only of a `pass`. */
  readonly name?: string;
  readonly comment?: string;
  readonly resinfo: readonly Resinfo[];
}
