import { createServer, definePlugin, Log, replies } from '@maitred/core';
import type { Peer, Server } from '@maitred/core';
import { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { selfSigned } from './certificate.ts';
import { memoryLog } from './log.ts';
import { ways } from './ways.ts';

let server: Server;

const mailbox = (kept: string[]): Server =>
  (server = createServer({ hostname: 'mx.example' })
    .accept(() => true)
    .deliver(async (message) => {
      kept.push((await message.content.bytes(1000)).toString());
    }));

const tls = selfSigned('localhost');

const upgrade = definePlugin({
  name: 'upgrade',
  verbs: {
    STARTTLS: {
      endsGroup: true,
      async handle(verb) {
        verb.after((powers) => powers.upgrade(tls));
        return replies.of(220, undefined, 'Go ahead');
      },
    },
  },
});

afterEach(() => server.close());

describe.each(ways)('$name', ({ open }) => {
  it('carries a mail', async () => {
    const kept: string[] = [];
    const client = await open(mailbox(kept));
    expect(await client.hello()).toMatchObject({ code: 250, lines: ['mx.example'] });
    expect(await client.mail({ content: '.\r\n..\r\n\r\n.end' })).toMatchObject({ code: 250 });
    expect(await client.command('QUIT')).toMatchObject({ code: 221 });
    expect(await client.closed()).toBe('');
    expect(kept).toEqual([expect.stringMatching(/\r\n\.\r\n\.\.\r\n\r\n\.end\r\n$/)]);
  });

  it('serves several clients of one server', async () => {
    mailbox([]);
    const clients = await Promise.all([open(server), open(server), open(server)]);
    const greetings = await Promise.all(clients.map((client) => client.hello()));
    expect(greetings.map(({ code }) => code)).toEqual([250, 250, 250]);
  });

  it('shows the server the addresses that the test chose', async () => {
    const seen: Peer[] = [];
    mailbox([]).on('connect', (ctx, next) => {
      seen.push(ctx.remote, ctx.local);
      return next();
    });
    const remote = { address: '192.0.2.1', port: 1234 };
    const local = { address: '192.0.2.2', port: 25 };
    await (await open(server, { remote, local })).hello();
    await (await open(server)).hello();
    expect(seen).toMatchObject([remote, local, { address: '127.0.0.1' }, { address: '127.0.0.1' }]);
  });

  it('lets the client hear the rest after its FIN', async () => {
    const client = await open(mailbox([]));
    await client.hello();
    client.send('NOOP\r\nQUIT\r\n');
    client.end();
    expect(await client.closed()).toBe('250 OK\r\n221 mx.example closing\r\n');
  });

  it('vanishes: the server takes nothing of it', async () => {
    const kept: string[] = [];
    const causes: string[] = [];
    const gone = new Promise<void>((resolve) => {
      mailbox(kept).on('close', ({ cause }) => {
        causes.push(cause);
        resolve();
      });
    });
    const client = await open(server);
    await client.hello();
    await client.command('MAIL FROM:<a@client.example>');
    await client.command('RCPT TO:<b@server.example>');
    await client.command('DATA');
    client.send('Subject: half');
    client.destroy();
    await gone;
    expect(causes).toEqual(['lost']);
    expect(kept).toEqual([]);
    await expect(client.reply()).rejects.toThrow('no reply: the connection is gone');
  });

  it('speaks TLS from the first octet', async () => {
    const kept: string[] = [];
    const client = await open(mailbox(kept), { tls, secure: { ca: tls.cert, rejectUnauthorized: true } });
    await client.hello();
    await client.mail();
    await client.command('QUIT');
    expect(await client.closed()).toBe('');
    expect(kept).toHaveLength(1);
    const other = await open(server, { tls });
    expect(await other.hello()).toMatchObject({ code: 250 });
    other.destroy();
  });

  it('leaves the handshake to the test, if it wants that', async () => {
    const client = await open(mailbox([]), { tls, secure: false });
    await client.secure();
    expect(await client.hello()).toMatchObject({ code: 250 });
  });

  it('hears the rest of a TLS conversation after its FIN', async () => {
    const client = await open(mailbox([]), { tls });
    await client.hello();
    client.send('NOOP\r\nQUIT\r\n');
    client.end();
    expect(await client.closed()).toBe('250 OK\r\n221 mx.example closing\r\n');
  });

  it('takes its side of STARTTLS', async () => {
    mailbox([]).use(upgrade);
    const client = await open(server);
    await client.hello();
    expect(await client.command('STARTTLS')).toMatchObject({ code: 220 });
    await client.secure();
    expect(await client.hello()).toMatchObject({ code: 250 });
    expect(client.stream).toBeInstanceOf(TLSSocket);
  });

  it('rejects a handshake that fails', async () => {
    mailbox([]).use(upgrade).override(Log, memoryLog());
    const client = await open(server);
    await client.hello();
    await client.command('STARTTLS');
    await expect(client.secure({ rejectUnauthorized: true })).rejects.toThrow('self-signed certificate');
    await expect(client.reply()).rejects.toThrow('no reply: self-signed certificate');
    await expect(open(server, { tls: () => ({}) })).rejects.toThrow(/handshake failure|ECONNRESET/);
  });

  it('rejects as the start of the server does', async () => {
    mailbox([]).use({
      name: 'no',
      setup: () => {
        throw new Error('not today');
      },
    });
    await expect(open(server)).rejects.toThrow('no could not be set up');
  });
});
