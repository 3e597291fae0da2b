export { defaultSpfLimits, type SpfLimits } from './limits.ts';
export { spf, type SpfOptions } from './spf.ts';
