import type { DmarcPolicy } from '@maitred/authentication-results';

/** A DMARC Policy Record, defaults filled in (RFC 9989 4.7). */
export interface PolicyRecord {
  /** The DMARC Policy Domain: where the record was found. */
  readonly domain: string;
  readonly p: DmarcPolicy;
  readonly sp: DmarcPolicy;
  readonly np: DmarcPolicy;
  readonly adkim: 'r' | 's';
  readonly aspf: 'r' | 's';
  /** `t=y`: the policy is applied one step milder. */
  readonly testing: boolean;
}
