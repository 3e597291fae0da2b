import { X509Certificate } from 'node:crypto';
import { createSecureContext, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { selfSigned, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { createServer, type TlsSettings } from '../src/index.ts';

describe.each(ways)('what a session knows of its TLS layer, $name', ({ open }) => {
  /** The server's own certificate, as the server sees it, and as a client was shown it. */
  async function shown(tls: TlsSettings, secure: ConnectionOptions): Promise<[Buffer | undefined, Buffer]> {
    const server = createServer({ hostname: 'mx.example' });
    let own: Buffer | undefined;
    server.on('connect', (ctx, next) => {
      own = ctx.tls?.certificate;
      return next();
    });
    const client = await open(server, { tls, secure });
    await client.reply();
    const theirs = (client.stream as TLSSocket).getPeerCertificate().raw;
    client.destroy();
    await server.close();
    return [own, theirs];
  }

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('has the certificate that the client was shown: %s', async (version) => {
    const other = selfSigned('other.example');
    const tls: TlsSettings = {
      ...selfSigned('mx.example'),
      SNICallback: (_name, found) => found(null, createSecureContext(other)),
    };
    const options = { minVersion: version, maxVersion: version };
    const plain = await shown(tls, options);
    const named = await shown(tls, { ...options, servername: 'other.example' });
    expect(plain[0]).toEqual(plain[1]);
    expect(named[0]).toEqual(new X509Certificate(other.cert).raw);
    expect(named[0]).toEqual(named[1]);
    expect(named[0]).not.toEqual(plain[0]);
  });
});
