import type { DkimWord, SpfWord } from '@maitred/authentication-results';
import type { Awaitable } from '@maitred/core';
import type { Published } from './published.ts';

/** Why a message that failed is treated otherwise than its author's domain asks (RFC 9990 3.1.6). */
export interface OverrideReason {
  readonly type: 'local_policy' | 'mailing_list' | 'other' | 'policy_test_mode' | 'trusted_forwarder';
  /** For the domain's owner to read; a few words. */
  readonly comment?: string;
}

/** What DKIM found of one signature, whatever that means to DMARC. */
export interface ReportedDkim {
  readonly domain: string;
  readonly selector: string;
  readonly result: DkimWord;
  readonly comment?: string;
}

/** What SPF found of MAIL FROM, whatever that means to DMARC. */
export interface ReportedSpf {
  readonly domain: string;
  readonly result: SpfWord;
  readonly comment?: string;
}

/** One message as an aggregate report counts it (RFC 9990 3.1.1). It names domains and an address, and nobody. */
export interface Evaluated {
  /** When, in milliseconds since 1970. */
  readonly at: number;
  /** The client's IP address. */
  readonly source: string;
  readonly published: Published;
  /** What was done: `pass` for a message that passed where failing has consequences. */
  readonly disposition: 'none' | 'pass' | 'quarantine' | 'reject';
  /** Whether each passed for an aligned domain. */
  readonly aligned: { readonly dkim: boolean; readonly spf: boolean };
  readonly reasons: readonly OverrideReason[];
  /** The author's domain. */
  readonly headerFrom: string;
  /** The reverse-path's domain; empty for the null one. */
  readonly envelopeFrom: string;
  /** The recipients' domain, where all have the same. */
  readonly envelopeTo?: string;
  /** Those that count most come first (RFC 9990 3.1.3). */
  readonly dkim: readonly ReportedDkim[];
  readonly spf?: ReportedSpf;
}

/** Takes what was evaluated, one message after another; what it rejects is logged, and the mail's fate stays as it is. */
export interface Reports {
  add(evaluated: Evaluated): Awaitable<void>;
}
