export type { AllowanceOptions } from './allowance.ts';
export type { Exposure } from './exposure.ts';
export type { Inquiry } from './inquiry.ts';
export { RecipientDirectory } from './tokens.ts';
export type { Entry, Expansion, Verification } from './tokens.ts';
export { verify } from './verify.ts';
export type { VerifyOptions } from './verify.ts';
