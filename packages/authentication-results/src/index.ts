export { Examined, type Examination, type Findings, type Wants } from './examination/examination.ts';
export { examiner, type ExaminationOptions, type Examiner } from './examination/examiner.ts';
export { defaultExaminationLimits, type ExaminationLimits } from './examination/limits.ts';
export { ArcResult, DkimResults, DmarcResult, IprevResult, SpfResult } from './keys.ts';
export type { Arc, ArcSet, Dkim, DkimWord, Dmarc, DmarcPolicy, Iprev, Property, Resinfo } from './results.ts';
export type { Spf, SpfCheck, SpfWord } from './results.ts';
export { Dns, type Answers, type RecordType, type Resolver } from './tokens.ts';
export { defaultDnsLimits, type DnsLimits } from './dns/caching.ts';
export { dns, type DnsOptions } from './dns/plugin.ts';
