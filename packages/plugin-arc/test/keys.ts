import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Zone } from '@maitred/testing';
import type { SealingKey } from '../src/index.ts';

/** A sealer of the test's, with its public key as the DNS has it. */
export interface Pair {
  readonly key: SealingKey;
  readonly publicKey: KeyObject;
  readonly zone: Zone;
}

/** Makes a key of 2,048 bits, or of Ed25519 (RFC 8463). */
export function pair(domain: string, type: 'rsa' | 'ed25519' = 'rsa', selector = 'arc'): Pair {
  const { publicKey, privateKey } =
    type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const p = (type === 'rsa' ? spki : spki.subarray(-32)).toString('base64');
  return {
    key: { domain, selector, privateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) },
    publicKey,
    zone: { [`${selector}._domainkey.${domain}`]: { TXT: [`v=DKIM1; k=${type}; p=${p}`] } },
  };
}
