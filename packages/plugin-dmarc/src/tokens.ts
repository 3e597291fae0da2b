import { token, type Token } from '@maitred/core';
import type { Reports } from './aggregate/evaluated.ts';

/** Takes what was evaluated, for aggregate reports (RFC 9990); registered by `dmarc()`. Default: nobody does. */
export const AggregateReports: Token<Reports> = token('DMARC aggregate reports');
