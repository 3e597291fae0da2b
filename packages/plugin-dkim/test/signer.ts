import { Buffer } from 'node:buffer';
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** A key and the record that publishes it. */
export interface TestKey {
  readonly privateKey: KeyObject;
  readonly pem: string;
  readonly record: string;
}

/** Makes an RSA key. */
export function rsaKey(bits: number): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return keyOf(privateKey, `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`);
}

/** Makes an Ed25519 key. */
export function ed25519Key(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  return keyOf(privateKey, `v=DKIM1; k=ed25519; p=${raw.toString('base64')}`);
}

function keyOf(privateKey: KeyObject, record: string): TestKey {
  return { privateKey, record, pem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) };
}

/** What a signature says, beside what it has to. */
export interface Tags {
  readonly domain?: string;
  readonly selector?: string;
  /** Names, top first. Default: from and subject. */
  readonly fields?: readonly string[];
  readonly algorithm?: 'rsa-sha256' | 'rsa-sha1' | 'ed25519-sha256';
  /** Octets of the body that are covered (`l=`). */
  readonly covered?: number;
  /** More tags, as they stand: `t=1; x=2`. */
  readonly more?: string;
}

/**
 * Signs simple/simple, with all the freedom to do it badly that a proper signer doesn't give. The message has each of the
 * fields once, and a body that ends in one CRLF.
 */
export function signed(message: string, { privateKey }: TestKey, tags: Tags = {}): string {
  const { domain = 'example.org', selector = 's', fields = ['from', 'subject'], covered, more } = tags;
  const { algorithm = 'rsa-sha256' } = tags;
  const at = message.indexOf('\r\n\r\n');
  const lines = message.slice(0, at).split(/\r\n(?![ \t])/);
  const body = Buffer.from(message.slice(at + 4), 'latin1').subarray(0, covered);
  const hash = algorithm.endsWith('sha1') ? 'sha1' : 'sha256';
  const unsigned = [
    `DKIM-Signature: v=1; a=${algorithm}; c=simple/simple; d=${domain}; s=${selector}`,
    ...(covered === undefined ? [] : [`l=${covered}`]),
    ...(more === undefined ? [] : [more]),
    `h=${fields.join(':')}`,
    `bh=${createHash(hash).update(body).digest('base64')}`,
    'b=',
  ].join('; ');
  const named = fields.flatMap((name) => lines.filter((line) => line.toLowerCase().startsWith(`${name}:`)));
  const input = Buffer.from([...named, unsigned].join('\r\n'), 'latin1');
  const signature =
    algorithm === 'ed25519-sha256'
      ? sign(null, createHash('sha256').update(input).digest(), privateKey)
      : sign(hash, input, privateKey);
  return `${unsigned}${signature.toString('base64')}\r\n${message}`;
}

/** A small message. */
export const plain = 'From: Joe <joe@example.org>\r\nSubject: Is dinner ready?\r\n\r\nHi.\r\n\r\nWe lost the game.\r\n';
