import { createServer } from '@maitred/core';
import type { Peer, Server } from '@maitred/core';
import { afterEach, describe, expect, it } from 'vitest';
import { ways } from './ways.ts';

let server: Server;

const mailbox = (kept: string[]): Server =>
  (server = createServer({ hostname: 'mx.example' })
    .accept(() => true)
    .deliver(async (message) => {
      kept.push((await message.content.bytes(1000)).toString());
    }));

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
});
