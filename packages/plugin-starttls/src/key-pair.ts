import { readFile } from 'node:fs/promises';
import type { Awaitable } from '@maitred/core';

/** PEM, or several in a default certificate: of RSA and ECDSA each client is served the one that it can use. */
export type Pem = string | Buffer | readonly (string | Buffer)[];

/** A private key and the certificate chain for it, the server's own certificate first. */
export interface KeyPair {
  readonly key: Pem;
  readonly cert: Pem;
  /** What the keys are encrypted with. */
  readonly passphrase?: string;
}

/** A key pair, or what gives one at every (re)load. */
export type KeyPairSource = KeyPair | (() => Awaitable<KeyPair>);

/** Where a key pair lies: paths of PEM files, in lists when there are several. */
export interface KeyPairFiles {
  readonly key: string | readonly string[];
  readonly cert: string | readonly string[];
  readonly passphrase?: string;
}

/** Reads a key pair from files at every (re)load: what an ACME client renewed needs no restart. Watches nothing. */
export function fromFiles({ key, cert, ...rest }: KeyPairFiles): () => Promise<KeyPair> {
  return async () => {
    const [keys, certs] = await Promise.all([read(key), read(cert)]);
    return { key: keys, cert: certs, ...rest };
  };
}

/** What can't be read in a key pair; undefined where the fault is another. Quotes nothing: a key may be in the wrong place. */
export function unreadable({ key, cert }: Pick<KeyPair, 'key' | 'cert'>): string | undefined {
  const how = 'give the text, or fromFiles({ key, cert }) for names of files';
  if (!all(key, /-----BEGIN [A-Z ]*PRIVATE KEY-----/)) return `key is no private key in PEM: ${how}`;
  return all(cert, /-----BEGIN [A-Z0-9 ]*CERTIFICATE-----/) ? undefined : `cert is no certificate in PEM: ${how}`;
}

function all(pem: Pem, label: RegExp): boolean {
  return [pem].flat().every((each) => label.test(String(each)));
}

function read(paths: string | readonly string[]): Promise<Buffer[]> {
  const files = [paths].flat();
  // Else the text, a private key, would be quoted as the name of a file that is not there.
  if (files.some((path) => path.includes('-----BEGIN'))) throw new TypeError('fromFiles takes names of files, not PEM');
  return Promise.all(files.map((path) => readFile(path)));
}
