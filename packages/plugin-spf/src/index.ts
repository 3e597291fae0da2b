export { spf, type SpfOptions } from './spf.ts';
