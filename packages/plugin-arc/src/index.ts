export { arc, type ArcOptions } from './arc.ts';
export { ArcReceived } from './keys.ts';
export type { Received, Sealed } from './sealed.ts';
export { arcSealer, type ArcSealerOptions } from './sealer.ts';
export { Sealer, SealingKeys, type SealingKey } from './tokens.ts';
export type { Trusted } from './trust.ts';
