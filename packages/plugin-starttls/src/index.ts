export { certificates } from './certificates.ts';
export type { CertificatesOptions, NamedKeyPairs } from './certificates.ts';
export { fromFiles } from './key-pair.ts';
export type { KeyPair, KeyPairFiles, KeyPairSource, Pem } from './key-pair.ts';
export { requireTls } from './require-tls.ts';
export type { RequireTlsOptions } from './require-tls.ts';
export { starttls } from './starttls.ts';
export type { StarttlsOptions } from './starttls.ts';
export { Certificates } from './tokens.ts';
