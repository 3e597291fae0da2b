import { constants } from 'node:crypto';
import { once } from 'node:events';
import {
  createSecureContext,
  TLSSocket,
  type SecureContext,
  type TLSSocketOptions,
  type SecureContextOptions,
} from 'node:tls';
import type { Duplex } from 'node:stream';
import type { TlsInfo } from './context.ts';
import { Fault } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { Gone } from './failure.ts';

/** What a TLS layer is made of: certificates, SNI, minimum version, client certificates. */
export type TlsOptions = TLSSocketOptions & SecureContextOptions & { ALPNProtocols?: string[] };

/** Options, or a function asked at each handshake, so that a renewed certificate needs no restart. */
export type TlsSettings = TlsOptions | (() => TlsOptions);

/** What a connection stands on: octets in, octets out, an upgrade to TLS, an end. */
export class Transport {
  /** Bare, or a TLS layer; what happens on it is told to the owner. */
  stream: Duplex;
  readonly #owner: Exchange;

  constructor(stream: Duplex, owner: Exchange) {
    this.stream = stream;
    this.#owner = owner;
    this.#listen(stream);
  }

  /** Gives the bare stream away, `unread` in front; the owner hears nothing more. */
  release(unread?: Buffer): Duplex {
    const { stream } = this;
    stream.pause();
    for (const [event, ear] of Object.entries(ears)) stream.off(event, ear);
    if (unread) stream.unshift(unread);
    return stream;
  }

  /**
   * Runs the server's side of a handshake, `early` its first octets; the client is `Gone` when it fails, or when the
   * stream is destroyed meanwhile: the error it is destroyed with is the cause.
   * What else the stream holds was sent in plaintext by whoever could: it is discarded (RFC 3207 6).
   */
  async secure(settings: TlsSettings, early: Buffer | undefined): Promise<TlsInfo> {
    const options = typeof settings === 'function' ? settings() : settings;
    const plain = this.release();
    if (early) plain.unshift(early);
    else while (plain.read() !== null);
    const tls = new TLSSocket(plain, {
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['smtp'],
      ...options,
      secureContext: options.secureContext ?? contextOf(options),
      isServer: true,
    });
    // Renegotiation buys a client work for nothing; TLS 1.3 has none.
    tls.disableRenegotiation();
    // From here on the owner hears of what the client sends, or that it left, even in the middle of the handshake.
    this.#listen(tls);
    const left = new AbortController();
    const leave = (): void => left.abort();
    tls.once('end', leave).once('close', leave);
    try {
      await once(tls, 'secure', { signal: left.signal });
      const error = verify(tls, options);
      if (error) throw error;
    } catch (cause) {
      tls.destroy();
      throw new Gone('the TLS handshake failed', { cause });
    }
    // A server socket that no tls.Server made says nothing of a broken record but this, and goes on deaf.
    tls.on('_tlsError', () => tls.destroy());
    return describeTls(tls);
  }

  #listen(stream: Duplex): void {
    this.stream = stream;
    (stream as Heard)[ownerOf] = this.#owner;
    for (const [event, ear] of Object.entries(ears)) stream.on(event, ear);
    stream.on('error', ignored); // 'close' follows; a client's reset is no news
  }
}

/** What is told to each stream's owner. One set for all: an idle connection should cost little more than its socket. */
const ownerOf = Symbol('owner');
type Heard = Duplex & { [ownerOf]?: Exchange };
const ears = {
  data(this: Heard, chunk: Buffer): void {
    this[ownerOf]?.received(chunk);
  },
  end(this: Heard): void {
    this[ownerOf]?.ended();
  },
  drain(this: Heard): void {
    this[ownerOf]?.drained();
  },
  close(this: Heard): void {
    this[ownerOf]?.gone();
  },
};
const ignored = (): void => {};

/** Throws a fault where no handshake could come about; a function is asked at each, and not before. */
export function presentable(tls: TlsSettings, listener: string): void {
  if (typeof tls === 'function') return;
  const { key, cert, pfx, secureContext, SNICallback } = tls;
  if (!(key && cert) && !pfx && !secureContext && !SNICallback) throw new Fault('BAD_TLS', [listener, 'key and cert']);
  try {
    contextOf(tls);
  } catch (cause) {
    throw new Fault('BAD_TLS', [listener, 'a PEM that can be read'], { cause });
  }
}

const contexts = new WeakMap<object, SecureContext>();

/**
 * Parsing keys takes a millisecond: once for one options object, not once per handshake. No session comes back by a
 * ticket: it would on every listener with these options, one proven with a client's certificate too.
 */
function contextOf(options: TlsOptions): SecureContext {
  let context = contexts.get(options);
  if (!context) {
    const secureOptions = (options.secureOptions ?? 0) | constants.SSL_OP_NO_TICKET;
    contexts.set(options, (context = createSecureContext({ minVersion: 'TLSv1.2', ...options, secureOptions })));
  }
  return context;
}

/**
 * A hand-made server socket leaves it to its maker to verify the client's certificate, and Node shows the verdict only on
 * the handle. Where that should be missing, nobody is authorized.
 */
function verify(tls: TLSSocket, options: TlsOptions): Error | undefined {
  if (options.requestCert !== true) return undefined;
  // oxlint-disable-next-line no-underscore-dangle -- Node's name
  const handle = (tls as unknown as { _handle?: { verifyError?(): Error | null } })._handle;
  const error = handle?.verifyError ? handle.verifyError() : new Error('certificate not verified');
  tls.authorized = error === null;
  return error && options.rejectUnauthorized !== false ? error : undefined;
}

function describeTls(tls: TLSSocket): TlsInfo {
  // Both give an empty object where there is none.
  const own: { readonly raw?: Buffer } | null = tls.getCertificate();
  const theirs: { readonly raw?: Buffer } = tls.getPeerCertificate();
  return {
    protocol: tls.getProtocol() ?? 'unknown',
    cipher: tls.getCipher()?.standardName ?? 'unknown',
    servername: (tls as TLSSocket & { servername?: string | false }).servername || undefined,
    authorized: tls.authorized,
    peerCertificate: theirs.raw,
    certificate: own?.raw,
    exportKeyingMaterial: (octets, label, context) => tls.exportKeyingMaterial(octets, label, context),
  };
}
