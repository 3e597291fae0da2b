import { clientOn, selfSigned } from '@maitred/testing';
import type { Client } from '@maitred/testing';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer as createNetServer } from 'node:net';
import type { AddressInfo, NetConnectOpts } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Connection, Listener } from '../src/index.ts';
import { mailbox } from './kit.ts';

async function dial(to: NetConnectOpts): Promise<Client> {
  const socket = connect({ allowHalfOpen: true, ...to });
  await once(socket, 'connect');
  return clientOn(socket);
}

const refused = (to: NetConnectOpts): Promise<unknown> =>
  dial(to).then(
    () => 'connected',
    (error: Error) => error,
  );

/** A port of 127.0.0.1 that nobody listens on. */
async function freePort(): Promise<number> {
  const free = createNetServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  free.close();
  await once(free, 'close');
  return port;
}

describe('listen', () => {
  it('binds several addresses and gives them, in order', async () => {
    const { server, kept } = mailbox();
    const bound = await server.listen({ host: '127.0.0.1', port: 0 }, { host: '127.0.0.1' }, { host: 'localhost' });
    expect(bound).toMatchObject([
      { address: '127.0.0.1' },
      { address: '127.0.0.1' },
      { address: expect.stringMatching(/^127\.0\.0\.1$|^::1$/) },
    ]);
    expect(bound[0]?.port).not.toBe(bound[1]?.port);
    for (const { address, port } of bound) {
      const client = await dial({ host: address, port });
      await client.hello();
      await client.mail();
    }
    expect(kept).toHaveLength(3);
  });

  it.each([
    [[], 'nothing'],
    [[2525], '2525'],
    [[{ port: 0 }, '127.0.0.1'], '127.0.0.1'],
  ])('says what it takes: %j', async (at, given) => {
    const { server } = mailbox();
    await expect(server.listen(...(at as object[]))).rejects.toMatchObject({
      code: 'MAITRED_NOWHERE',
      message: `listen was given ${given}: give it where to listen, such as { port: 2525 }`,
    });
  });

  it.each([
    ['true', true, 'key and cert'],
    ['nothing', {}, 'key and cert'],
    ['what is undefined', undefined, 'key and cert'],
    ['a key alone', { key: selfSigned('mx.example').key }, 'key and cert'],
    ['names of files', { key: 'key.pem', cert: 'cert.pem' }, 'a PEM that can be read'],
  ])('does not begin with TLS from %s', async (_, tls, missing) => {
    const { server } = mailbox();
    await expect(server.listen({ host: '127.0.0.1', name: 'submissions', tls: tls as object })).rejects.toMatchObject({
      code: 'MAITRED_BAD_TLS',
      message: `the tls of submissions lacks ${missing}: give it the texts of a key and a cert, or a function that does`,
    });
  });

  it('binds all addresses where none is named', async () => {
    const { server } = mailbox();
    const [bound] = await server.listen({});
    expect(['::', '0.0.0.0']).toContain(bound?.address);
    expect(await (await dial({ host: '127.0.0.1', port: bound!.port })).hello()).toMatchObject({ code: 250 });
  });

  it('may be called again for more', async () => {
    const { server } = mailbox();
    const [one] = await server.listen({ host: '127.0.0.1' });
    const [two] = await server.listen({ host: '127.0.0.1' });
    for (const { port } of [one!, two!]) expect(await (await dial({ host: '127.0.0.1', port })).hello()).toBeDefined();
  });

  it('binds a Unix socket, and removes it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'listen-'));
    const path = join(folder, 'smtp');
    const { server } = mailbox();
    const seen: Connection['remote'][] = [];
    server.on('connect', (ctx, next) => {
      seen.push(ctx.remote, ctx.local, ctx.socket);
      return next();
    });
    expect(await server.listen({ path })).toEqual([{ address: '', port: 0 }]);
    const client = await dial({ path });
    await client.hello();
    expect(await client.mail()).toMatchObject({ code: 250 });
    expect(seen).toEqual(Array.from({ length: 3 }, () => ({ address: '', port: 0 })));
    await client.command('QUIT');
    await server.close();
    expect(existsSync(path)).toBe(false);
    await rm(folder, { recursive: true });
  });

  it('tells plugins which listener a client came in by', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'listen-'));
    const path = join(folder, 'smtp');
    const seen: Listener[] = [];
    const { server } = mailbox();
    server.on('connect', (ctx, next) => {
      seen.push(ctx.listener);
      return next();
    });
    const bound = await server.listen({ host: '127.0.0.1' }, { host: '127.0.0.1', name: 'mine' }, { path });
    await (await dial({ host: '127.0.0.1', port: bound[0]!.port })).hello();
    await (await dial({ host: '127.0.0.1', port: bound[1]!.port })).hello();
    await (await dial({ path })).hello();
    expect(seen).toEqual([
      { name: '127.0.0.1:0', tls: 'none' },
      { name: 'mine', tls: 'none' },
      { name: path, tls: 'none' },
    ]);
    await rm(folder, { recursive: true });
  });

  it('binds TLS from the first octet', async () => {
    const { server, kept } = mailbox();
    const seen: unknown[] = [];
    server.on('connect', (ctx, next) => {
      seen.push(ctx.tls?.protocol, ctx.tls?.servername, ctx.listener.tls);
      return next();
    });
    const [bound] = await server.listen({ host: '127.0.0.1', tls: selfSigned('mx.example') });
    const client = await dial({ host: '127.0.0.1', port: bound!.port });
    await client.secure({ servername: 'mx.example' });
    await client.hello();
    await client.mail();
    expect(seen).toEqual(['TLSv1.3', 'mx.example', 'implicit']);
    expect(kept).toHaveLength(1);
  });

  it('refuses TLS below 1.2, and a client that speaks none', async () => {
    const { server } = mailbox();
    const [bound] = await server.listen({ host: '127.0.0.1', tls: selfSigned() });
    const old = await dial({ host: '127.0.0.1', port: bound!.port });
    await expect(old.secure({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })).rejects.toThrow(/./);
    const plain = await dial({ host: '127.0.0.1', port: bound!.port });
    plain.send('EHLO client.example\r\n');
    expect(await plain.closed()).not.toContain('220');
  });

  it('asks for TLS settings at each handshake', async () => {
    const names = ['one.example', 'two.example'];
    const { server } = mailbox();
    const [bound] = await server.listen({ host: '127.0.0.1', tls: () => selfSigned(names.shift()!) });
    const shown = [];
    for (const _ of [1, 2]) {
      const client = await dial({ host: '127.0.0.1', port: bound!.port });
      await client.secure();
      shown.push(
        (client.stream as unknown as { getPeerCertificate(): { subject: object } }).getPeerCertificate().subject,
      );
    }
    expect(shown).toMatchObject([{ CN: 'one.example' }, { CN: 'two.example' }]);
  });

  it('closes everything when one address fails, plugins too, and rejects as Node does', async () => {
    const taken = createNetServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const other = await freePort();
    const closed: string[] = [];
    const { server } = mailbox();
    server.use({ name: 'watched', close: () => void closed.push('watched') });
    const listening = server.listen({ host: '127.0.0.1', port: other }, { host: '127.0.0.1', port });
    await expect(listening).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(await refused({ host: '127.0.0.1', port: other })).toMatchObject({ code: 'ECONNREFUSED' });
    expect(closed).toEqual(['watched']);
    await expect(server.listen({})).rejects.toMatchObject({ code: 'MAITRED_SERVER_CLOSED' });
    taken.close();
  });
});

describe('a listener that is closed', () => {
  it('takes no new client', async () => {
    const { server } = mailbox();
    const [bound] = await server.listen({ host: '127.0.0.1' });
    const to = { host: '127.0.0.1', port: bound!.port };
    expect(await (await dial(to)).hello()).toMatchObject({ code: 250 });
    await server.close();
    expect(await refused(to)).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('listen, when the server closes meanwhile', () => {
  const over = { code: 'MAITRED_SERVER_CLOSED' };

  it('leaves nothing open, and says so', async () => {
    const { server } = mailbox();
    await server.start();
    const to = { host: '127.0.0.1', port: await freePort() };
    const listening = server.listen(to);
    const closing = server.close();
    await expect(listening).rejects.toMatchObject(over);
    await closing;
    expect(await refused(to)).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('opens nothing once it has started', async () => {
    const { server } = mailbox();
    const asked = new Promise<() => void>((ask) => {
      server.use({ name: 'slow', setup: () => new Promise<void>((resolve) => ask(resolve)) });
    });
    // Where it can't listen, it would say so if it tried.
    const listening = server.listen({ path: join(tmpdir(), 'missing', 'smtp') });
    const goOn = await asked;
    const closing = server.close();
    goOn();
    await expect(listening).rejects.toMatchObject(over);
    await closing;
  });

  it('gives those who are served the time that they were given', async () => {
    const { server } = mailbox();
    const [bound] = await server.listen({ host: '127.0.0.1' });
    const client = await dial({ host: '127.0.0.1', port: bound!.port });
    await client.hello();
    await client.command('MAIL FROM:<a@client.example>');
    const listening = server.listen({ host: '127.0.0.1' });
    const closing = server.close();
    await expect(listening).rejects.toMatchObject(over);
    for (const line of ['RCPT TO:<b@mx.example>', 'DATA']) await client.command(line);
    expect(await client.command('hello\r\n.')).toMatchObject({ code: 250 });
    expect(await client.reply()).toMatchObject({ code: 421 });
    await closing;
  });
});
