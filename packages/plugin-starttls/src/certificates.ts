import { constants, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions, type SecureVersion } from 'node:tls';
import type { Awaitable, TlsOptions } from '@maitred/core';
import { unreadable, type KeyPair, type KeyPairSource, type Pem } from './key-pair.ts';
import { ServerNames } from './server-names.ts';
import type { Certificates } from './tokens.ts';

/** Key pairs by host name; `*.example.org` is every name with one label more. */
export type NamedKeyPairs = Readonly<Record<string, KeyPairSource>>;

/** What certificates are made of. */
export interface CertificatesOptions {
  /** For clients that ask for no name, or for one that is not in `names`. */
  readonly default: KeyPairSource;
  /** For clients that ask for a name (SNI, RFC 6066 3); a function is asked at every (re)load. */
  readonly names?: NamedKeyPairs | (() => Awaitable<NamedKeyPairs>);
  /** Default: `TLSv1.2` (RFC 8996). Older ones need `ciphers` with `@SECLEVEL=0` too. */
  readonly minVersion?: SecureVersion;
  /** OpenSSL's list of ciphers. Default: Node's. */
  readonly ciphers?: string;
  /** Asks clients for a certificate; `session.tls` tells what came. Default: as `rejectUnauthorized`. */
  readonly requestCert?: boolean;
  /** Turns away clients that show no certificate of `ca`'s. Default: false, they go on unauthorized. */
  readonly rejectUnauthorized?: boolean;
  /** Who signs the certificates that clients show, PEM. Default: the authorities that Node trusts. */
  readonly ca?: Pem;
}

/**
 * Loads certificates for STARTTLS and for implicit TLS. Resolves when they are fit to serve: what `settings` gives always
 * is. Rejects with an error that names the certificate at fault: unreadable, no PEM, or a key of another certificate;
 * with a TypeError without a default, and for an option that there isn't.
 */
export async function certificates(options: CertificatesOptions): Promise<Certificates> {
  complete(options);
  let current = await load(options);
  let last: Promise<void> = Promise.resolve();
  const swap = async (): Promise<void> => {
    current = await load(options);
  };
  return {
    settings: () => current,
    // One after another: of two at once the one that began last has read what lies there last.
    reload: () => (last = last.then(swap, swap)),
  };
}

const known: Readonly<Record<keyof CertificatesOptions, true>> = {
  default: true,
  names: true,
  minVersion: true,
  ciphers: true,
  requestCert: true,
  rejectUnauthorized: true,
  ca: true,
};

/** Who misspells one must not get what is without it: an older TLS, or clients that nobody asks for a certificate. */
function complete(options: Partial<CertificatesOptions> | null = {}): void {
  if (!options?.default) throw new TypeError('certificates takes { default: { key, cert } }');
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) throw new TypeError(`certificates has no option ${unknown}`);
}

/** Builds everything that a handshake needs, before any of it is used. */
async function load(options: CertificatesOptions): Promise<TlsOptions> {
  const { rejectUnauthorized = false, requestCert = rejectUnauthorized } = options;
  const common = commonOf(options);
  const [secureContext, names] = await Promise.all([
    contextOf('the default certificate', options.default, common, Number.POSITIVE_INFINITY),
    namesOf(options.names, common),
  ]);
  return {
    secureContext,
    // Found nothing, no context is to be named either: of one that is, Node takes over no more than one key pair.
    SNICallback: (asked, found) => found(null, names.find(asked)),
    // Nothing else may be spoken here: a browser's request can't be led to this port, nor a mail to another (RFC 7301 3.2).
    ALPNProtocols: ['smtp'],
    requestCert,
    rejectUnauthorized,
  };
}

/** What all contexts have in common. */
function commonOf({ minVersion = 'TLSv1.2', ciphers, ca }: CertificatesOptions): SecureContextOptions {
  return {
    minVersion,
    honorCipherOrder: true,
    // A ticket would bring a session back on another listener, or under another name, than it was made for.
    secureOptions: constants.SSL_OP_NO_TICKET,
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(ca === undefined ? {} : { ca: authorities(ca) }),
  };
}

/** Node takes whatever it's given for authorities, and leaves out what is none. */
function authorities(ca: Pem): (string | Buffer)[] {
  const given = [ca].flat();
  try {
    for (const pem of given) void new X509Certificate(pem);
  } catch (cause) {
    throw new Error(`the authorities in ca can't be used: ${(cause as Error).message}`, { cause });
  }
  return given;
}

async function namesOf(
  names: CertificatesOptions['names'] = {},
  common: SecureContextOptions,
): Promise<ServerNames<SecureContext>> {
  const pairs = Object.entries(typeof names === 'function' ? await names() : names);
  const contexts = await Promise.all(
    pairs.map(async ([name, pair]) => [name, await contextOf(`the certificate of ${name}`, pair, common, 1)] as const),
  );
  const table = new ServerNames<SecureContext>();
  for (const [name, context] of contexts) table.add(name, context);
  return table;
}

/** `most`: how many key pairs may lie side by side. */
async function contextOf(
  what: string,
  source: KeyPairSource,
  common: SecureContextOptions,
  most: number,
): Promise<SecureContext> {
  let pair: KeyPairLists | undefined;
  try {
    pair = plain(typeof source === 'function' ? await source() : source, most);
    return createSecureContext({ ...pair, ...common });
  } catch (cause) {
    const why = (pair && unreadable(pair)) ?? (cause as Error).message;
    throw new Error(`${what} can't be used: ${why}`, { cause });
  }
}

/** A key pair as Node takes it. */
interface KeyPairLists extends SecureContextOptions {
  readonly key: (string | Buffer)[];
  readonly cert: (string | Buffer)[];
}

/** An empty list makes a context too, but one that fails every handshake. */
function plain({ key, cert, passphrase }: Partial<KeyPair> = {}, most: number): KeyPairLists {
  const keys = [key ?? []].flat();
  const certs = [cert ?? []].flat();
  if (keys.length === 0 || certs.length === 0) throw new Error('it has no key or no certificate');
  if (keys.length > most || certs.length > most) throw new Error('only the default one may be of several keys');
  return { key: keys, cert: certs, ...(passphrase === undefined ? {} : { passphrase }) };
}
