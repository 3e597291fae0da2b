import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { clientOn, selfSigned } from '@maitred/testing';
import { createTransport } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import { installed } from '../../../tools/programs.ts';
import type { ProxyHeader } from '../src/header.ts';
import { Proxied } from '../src/keys.ts';
import type { ProxyOptions } from '../src/proxy.ts';
import { clientAt, listedAt, started, unlistedAt, type Proxy } from './programs.ts';
import { receiver, type Receiver } from './receiver.ts';

const missing = !installed('haproxy', '-v');
const noIPv6 = !Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'));
const tls = selfSigned('mx.example.org');

/** One way through HAProxy. */
interface Way {
  /** The server behind it. */
  readonly port: number;
  /** Where HAProxy connects from. */
  readonly source?: string;
  /** `send-proxy` … */
  readonly send: string;
  /** Where HAProxy listens. Default: 127.0.0.1. */
  readonly at?: string;
  /** More of the `bind` line. */
  readonly bind?: string;
}

/** HAProxy with these ways, one port each. */
function haproxy(ways: readonly Way[], files: Readonly<Record<string, string>> = {}): Promise<Proxy> {
  const sections = (ports: readonly number[]): string[] =>
    ways.map(
      ({ port, at: host = '127.0.0.1', source = listedAt, send, bind = '' }, at) => `
listen way${at}
  bind ${host}:${ports[at]} ${bind}
  unique-id-format way${at}-%ci
  source ${source}
  server maitred 127.0.0.1:${port} ${send}
`,
    );
  return started({
    ports: ways.length,
    command: (file) => ['haproxy', '-db', '-f', file],
    configuration: (ports, folder) => {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      return `
global
  maxconn 100
  crt-base ${folder}
  ca-base ${folder}
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
${sections(ports).join('')}`;
    },
  });
}

/** Sends a mail; gives nodemailer's account of it. */
function send(port: number, secure: boolean, more: object = {}): Promise<unknown> {
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    secure,
    localAddress: clientAt,
    tls: { rejectUnauthorized: false, servername: 'mx.example.org' },
    ...more,
  });
  return transport.sendMail({ from: 'ann@example.com', to: 'bob@example.org', text: 'Hello' });
}

/** A receiver that listens, plain and with implicit TLS. */
async function listening(options: Partial<ProxyOptions> = {}): Promise<Receiver & { plain: number; secure: number }> {
  const it = receiver({ from: [listedAt], ...options });
  const [plain, secure] = await it.server.listen({ host: '127.0.0.1' }, { host: '127.0.0.1', tls });
  return { ...it, plain: plain!.port, secure: secure!.port };
}

describe.skipIf(missing)('behind HAProxy (skipped where it is not installed)', { timeout: 30_000 }, () => {
  it.each(['send-proxy', 'send-proxy-v2'])('shows the client, plain and implicit TLS, with %s', async (how) => {
    await using it = await listening();
    await using proxy = await haproxy([
      { port: it.plain, send: how },
      { port: it.secure, send: how },
    ]);
    const [plain, secure] = proxy.ports;
    await send(plain!, false);
    await send(secure!, true);
    const seen = { remote: { address: clientAt }, socket: { address: listedAt } };
    expect(it.kept).toMatchObject([
      { ...seen, local: { address: '127.0.0.1', port: plain }, secured: false },
      { ...seen, local: { address: '127.0.0.1', port: secure }, secured: true },
    ]);
    expect(it.kept[0]?.content).toContain(`([${clientAt}])`);
    expect(it.log.records.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it.skipIf(noIPv6).each(['send-proxy', 'send-proxy-v2'])(
    'shows IPv6 clients, and IPv4 clients of an IPv6 listener, with %s (skipped without IPv6)',
    async (how) => {
      await using it = await listening();
      await using proxy = await haproxy([{ port: it.plain, send: how, at: '::', bind: 'v4v6' }]);
      await send(proxy.ports[0]!, false, { host: '::1', localAddress: '::1' });
      await send(proxy.ports[0]!, false);
      expect(it.kept).toMatchObject([
        { remote: { address: '::1' }, local: { address: '::1', port: proxy.ports[0] } },
        { remote: { address: clientAt }, local: { address: '127.0.0.1', port: proxy.ports[0] } },
      ]);
      expect(it.kept[0]?.content).toContain('([IPv6:::1])');
    },
  );

  describe.each(['send-proxy', 'send-proxy-v2'])('that is not listed, with %s', (how) => {
    const source = unlistedAt;

    it('takes no mail where a header is required, plain and implicit TLS', async () => {
      await using it = await listening();
      await using proxy = await haproxy([
        { port: it.plain, send: how, source },
        { port: it.secure, send: how, source },
      ]);
      await expect(send(proxy.ports[0]!, false)).rejects.toBeInstanceOf(Error);
      await expect(send(proxy.ports[1]!, true)).rejects.toBeInstanceOf(Error);
      expect(it.kept).toEqual([]);
      expect(it.log.records).toContainEqual(
        expect.objectContaining({ message: expect.stringContaining('it came from no listed network') as string }),
      );
    });

    it('shows no client where a header is optional', async () => {
      await using it = await listening({ header: 'optional' });
      await using proxy = await haproxy([
        { port: it.plain, send: how, source },
        { port: it.secure, send: how, source },
      ]);
      await expect(send(proxy.ports[1]!, true)).rejects.toBeInstanceOf(Error);
      const client = clientOn(connect({ host: '127.0.0.1', port: proxy.ports[0]!, localAddress: clientAt }));
      await client.reply();
      expect(await client.reply()).toMatchObject({ code: 500 });
      if (how === 'send-proxy') {
        await client.command('EHLO client.example');
        expect(await client.mail()).toMatchObject({ code: 250 });
        expect(it.kept).toMatchObject([{ remote: { address: unlistedAt }, header: undefined }]);
        expect(it.kept[0]?.content).not.toContain(clientAt);
      } else {
        await client.closed();
      }
      expect(new Set(it.greeted)).toEqual(new Set([unlistedAt]));
    });
  });

  it('reads the TLVs of a client whose TLS ended at HAProxy', async () => {
    await using it = await listening();
    const client = selfSigned('client.example');
    const options = 'ssl,cert-cn,ssl-cipher,cert-sig,cert-key,authority,crc32c,unique-id';
    const files = { 'mx.pem': tls.cert + tls.key, 'ca.pem': client.cert };
    const bind = 'ssl crt mx.pem ca-file ca.pem verify optional alpn smtp';
    await using proxy = await haproxy(
      [{ port: it.plain, send: `send-proxy-v2 proxy-v2-options ${options}`, bind }],
      files,
    );
    const alpn = { rejectUnauthorized: false, servername: 'mx.example.org', ALPNProtocols: ['smtp'] };
    await send(proxy.ports[0]!, true, { tls: { ...alpn, ...client } });
    await send(proxy.ports[0]!, true);
    const [known, unknown] = it.kept.map(({ header }) => header?.tlvs);
    expect(it.kept).toMatchObject([
      { remote: { address: clientAt }, secured: false },
      { remote: { address: clientAt } },
    ]);
    expect(known).toMatchObject({
      authority: 'mx.example.org',
      alpn: Buffer.from('smtp'),
      crc32c: expect.any(Number) as number,
      uniqueId: Buffer.from(`way0-${clientAt}`),
      ssl: {
        secured: true,
        certificateOnConnection: true,
        verify: 0,
        authorized: true,
        version: 'TLSv1.3',
        commonName: 'client.example',
        cipher: expect.stringMatching(/^TLS_/) as string,
        signatureAlgorithm: 'ecdsa-with-SHA256',
        keyAlgorithm: 'EC256',
      },
    });
    expect(unknown).toMatchObject({
      alpn: undefined,
      ssl: { secured: true, authorized: false, commonName: undefined },
    });
  });

  it("takes HAProxy's own look at how we are for nobody's", async () => {
    await using it = receiver({ from: [listedAt] });
    const look = new Promise<ProxyHeader>((resolve) => {
      it.server.on('connect', (ctx, next) => {
        const header = ctx.get(Proxied);
        if (header?.command === 'LOCAL') resolve(header);
        return next();
      });
    });
    const [at] = await it.server.listen({ host: '127.0.0.1' });
    const check = 'send-proxy-v2 check check-send-proxy inter 50';
    await using proxy = await haproxy([{ port: at!.port, send: check }]);
    expect(await look).toMatchObject({ version: 2, command: 'LOCAL', family: 'UNSPEC', source: undefined });
    await send(proxy.ports[0]!, false);
    expect(it.kept).toMatchObject([{ remote: { address: clientAt }, header: { command: 'PROXY' } }]);
  });

  it('counts connections by the client, not by the proxy', async () => {
    await using it = receiver({ from: [listedAt] }, { limits: { connectionsPerAddress: 2 } });
    const [at] = await it.server.listen({ host: '127.0.0.1' });
    await using proxy = await haproxy([{ port: at!.port, send: 'send-proxy-v2' }]);
    const pool = (localAddress: string): Promise<unknown>[] =>
      [1, 2].map(() => send(proxy.ports[0]!, false, { localAddress }));
    await Promise.all([...pool('127.9.8.1'), ...pool('127.9.8.2'), ...pool('127.9.8.3')]);
    expect(it.kept.map(({ remote }) => remote.address).toSorted()).toEqual(
      [1, 1, 2, 2, 3, 3].map((last) => `127.9.8.${last}`),
    );
  });
});
