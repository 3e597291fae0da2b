export { TlsRequired } from './keys.ts';
export { requiretls, supportRequired } from './requiretls.ts';
export type { RequiretlsOptions } from './requiretls.ts';
