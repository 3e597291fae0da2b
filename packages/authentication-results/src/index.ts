export { ArcResult, DkimResults, DmarcResult, IprevResult, SpfResult } from './keys.ts';
export type { Arc, ArcSet, Dkim, DkimWord, Dmarc, DmarcPolicy, Iprev, Property, Resinfo } from './results.ts';
export type { Spf, SpfCheck, SpfWord } from './results.ts';
export { Dns, type Answers, type RecordType, type Resolver } from './tokens.ts';
