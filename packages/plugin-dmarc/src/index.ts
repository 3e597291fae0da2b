export type { DmarcMode, Override } from './decide.ts';
export { dmarc, type DmarcOptions } from './dmarc.ts';
export { aggregateReport, type AggregateReport } from './reports/attachment.ts';
export type { Evaluated, OverrideReason, ReportedDkim, ReportedSpf, Reports } from './reports/evaluated.ts';
export type { Reporter } from './reports/feedback.ts';
export { memoryReports, type Counted, type DomainReport } from './reports/memory.ts';
export type { MemoryReports, MemoryReportsOptions } from './reports/memory.ts';
export type { Published } from './reports/published.ts';
export { AggregateReports } from './tokens.ts';
