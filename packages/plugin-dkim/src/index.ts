export { dkim, type DkimOptions } from './dkim.ts';
export { dkimSign, type DkimSignOptions } from './dkim-sign.ts';
export { Signer, SigningKeys, type Signed, type SigningKey, type SignOptions } from './tokens.ts';
