import { ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { bare } from '../test/kit.ts';
import { Clock, definePlugin, key } from './index.ts';
import type { Key, Plugin } from './index.ts';

const Said: Key<string, 'connection'> = key('said', 'connection');

/** One octet, or nothing within a second, before the greeting: its digit is the last part of the client's address. */
const oneOctet = (seen: unknown[] = []): Plugin =>
  definePlugin({
    name: 'one octet',
    provides: [Said],
    prologue: async (wire, keys, signal) => {
      seen.push([wire.id, wire.socket.address, wire.listener]);
      const late = new AbortController();
      const clock = wire.inject(Clock);
      void clock.sleep(1000, signal).then(
        () => late.abort(),
        () => {},
      );
      const said = (await wire.read(1, late.signal)).toString();
      if (said === 'x') return 'close';
      if (!/^\d$/.test(said)) {
        wire.unread(Buffer.from(said));
        return {};
      }
      keys.set(Said, said);
      return { remote: { address: `192.0.2.${said}`, port: 1 } };
    },
  });

describe.each(ways)('a prologue, $name', ({ open }) => {
  it('reads before the greeting, and says who the client is', async () => {
    const { server } = bare();
    const seen: unknown[] = [];
    const ids: string[] = [];
    server.use(oneOctet(seen)).on('connect', async (ctx, next) => {
      ids.push(ctx.id);
      const reply = await next();
      return { ...reply, lines: [`${ctx.remote.address} by ${ctx.socket.address}, said ${ctx.get(Said)}`] };
    });
    const client = await open(server);
    client.send('7');
    expect((await client.reply()).text).toBe('192.0.2.7 by 127.0.0.1, said 7');
    expect(seen).toEqual([[ids[0], '127.0.0.1', { name: expect.any(String) as string, tls: 'none' }]]);
  });

  it('waits no longer than it wants to, by the server clock', async () => {
    const { server, clock } = bare();
    const client = await open(server.use(oneOctet()));
    expect(client.transcript).toBe('');
    // Over TCP the server may not have the connection yet: the clock goes on until it greets.
    for (let second = 0; second < 200 && client.transcript === ''; second += 1) await clock.advance(1000);
    expect(await client.reply()).toMatchObject({ code: 220 });
  });

  it('puts back what is not its own', async () => {
    const { server } = bare({ talkingAhead: 'allow' });
    const client = await open(server.use(oneOctet()));
    client.send('EHLO client.example\r\n');
    expect(await client.reply()).toMatchObject({ code: 220 });
    expect(await client.reply()).toMatchObject({ code: 250 });
  });

  it('ends the connection without a word', async () => {
    const { server } = bare();
    const client = await open(server.use(oneOctet()));
    client.send('x');
    expect(await client.closed()).toBe('');
  });

  it('counts connections by the address it found', async () => {
    const { server } = bare({ limits: { connectionsPerAddress: 1 } });
    server.use(oneOctet());
    const codes: number[] = [];
    for (const digit of ['1', '1', '2']) {
      const client = await open(server);
      client.send(digit);
      codes.push((await client.reply()).code);
    }
    expect(codes).toEqual([220, 421, 220]);
  });
});
