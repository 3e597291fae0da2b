import { clientOn, inMemory } from '@maitred/testing';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../src/index.ts';
import { mailbox } from './kit.ts';

type Seen = Pick<Connection, 'remote' | 'local' | 'socket'>;

describe('the addresses that plugins are shown', () => {
  it('are IPv4 for a client that comes by IPv4, whatever the server is bound to', async () => {
    const { server } = mailbox();
    const seen: Seen[] = [];
    server.on('connect', ({ remote, local, socket }, next) => {
      seen.push({ remote, local, socket });
      return next();
    });
    const [bound] = await server.listen({});
    const socket = connect(bound!.port, '127.0.0.1');
    await once(socket, 'connect');
    await clientOn(socket).hello();
    const client = { address: '127.0.0.1', port: socket.localPort };
    expect(seen).toEqual([{ remote: client, local: { address: '127.0.0.1', port: bound!.port }, socket: client }]);
  });

  it('are those that came with an attached stream', async () => {
    const { server } = mailbox();
    const seen: Seen[] = [];
    server.on('connect', ({ remote, local, socket }, next) => {
      seen.push({ remote, local, socket });
      return next();
    });
    const [remote, local] = [
      { address: '2001:db8::1', port: 1 },
      { address: '2001:db8::2', port: 25 },
    ];
    await (await inMemory.open(server, { remote, local })).hello();
    expect(seen).toEqual([{ remote, local, socket: remote }]);
  });

  it('are another remote one when a prologue says so, and the socket’s stays', async () => {
    const { server } = mailbox();
    const seen: Seen[] = [];
    const told = { address: '192.0.2.1', port: 5 };
    server
      .use({ name: 'proxy', prologue: async () => ({ remote: told }) })
      .on('connect', ({ remote, local, socket }, next) => {
        seen.push({ remote, local, socket });
        return next();
      });
    await (await inMemory.open(server)).hello();
    expect(seen).toMatchObject([{ remote: told, local: { port: 25 }, socket: { address: '127.0.0.1' } }]);
  });
});
