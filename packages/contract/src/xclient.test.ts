import { Identity, key, replies, type Connection, type Key, type Plugin } from '@maitred/core';
import { script, ways, type Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { inbox } from './receiver.ts';
import { xclient } from './xclient.ts';

const proxyAt = { address: '192.0.2.25', port: 1025 };
const trusted = xclient({ trusted: ({ address }) => address === proxyAt.address });
const OfConnection: Key<string, 'connection'> = key('test:connection', 'connection');
const OfSession: Key<string, 'session'> = key('test:session', 'session');

/** Greets by the client's address, refuses one, and lets WHO tell what is known. */
const doorman: Plugin = {
  name: 'doorman',
  optional: [Identity],
  provides: [OfConnection, OfSession],
  stages: {
    connect: async (ctx, next) => {
      if (ctx.remote.address === '198.51.100.66') return replies.of(554, '5.7.1', `Not ${ctx.remote.address}`);
      await next();
      return replies.of(220, undefined, `Hello ${ctx.remote.address}`);
    },
  },
  verbs: {
    MARK: {
      handle: async (verb) => {
        verb.set(OfConnection, 'kept');
        verb.set(OfSession, 'dropped');
        return replies.ok;
      },
    },
    WHO: { handle: async (verb) => replies.of(250, undefined, known(verb)) },
  },
};

const known = (ctx: Connection & { readonly helo: string | undefined }): string =>
  [
    ctx.remote.address,
    ctx.remote.port,
    ctx.socket.address,
    ctx.helo,
    ctx.get(Identity)?.id,
    ctx.get(OfConnection),
    ctx.get(OfSession),
  ].join(' ');

async function greeted(client: Client): Promise<void> {
  await script(
    client,
    'S: 220 Hello 192.0.2.25\nC: EHLO proxy.example\nS: 250-mx.example\nS: 250 XCLIENT ADDR PORT LOGIN',
  );
}

describe.each(ways)('XCLIENT, $name', ({ open }) => {
  it('starts anew on the client that the proxy names', async () => {
    await using rig = inbox([trusted, doorman]);
    const client = await open(rig.server, { remote: proxyAt });
    await greeted(client);
    await script(
      client,
      `C: MARK
       S: 250
       C: WHO
       S: 250 192.0.2.25 1025 192.0.2.25 proxy.example  kept dropped
       C: XCLIENT ADDR=198.51.100.7 PORT=4242 LOGIN=bob
       S: 220 Hello 198.51.100.7
       C: WHO
       S: 250 198.51.100.7 4242 192.0.2.25  bob kept /^/`.replace(' /^/', ' '),
    );
    await script(
      client,
      'C: MAIL FROM:<>\nS: 503\nC: XCLIENT ADDR=198.51.100.8\nS: 500\nC: EHLO client.example\nS: 250',
    );
    await script(
      client,
      'C: XCLIENT ADDR=198.51.100.8\nS: 220 Hello 198.51.100.8\nC: WHO\nS: 250 /^198.51.100.8 4242 192.0.2.25 {3}kept/',
    );
    expect(await client.mail().catch((error: Error) => error.message)).toContain('503');
  });

  it('ends where the client is not welcome: nothing that follows is the proxy’s', async () => {
    await using rig = inbox([trusted, doorman]);
    const client = await open(rig.server, { remote: proxyAt });
    await greeted(client);
    await script(client, 'C: XCLIENT ADDR=198.51.100.66\nS: 554 Not 198.51.100.66');
    expect(await client.closed()).toBe('');
  });

  it('is not true where a ring refused it', async () => {
    const ring: Plugin = {
      name: 'ring',
      stages: {
        command: async (ctx, next) => {
          const reply = await next();
          return ctx.command.verb === 'XCLIENT' ? replies.of(450, undefined, 'Later') : reply;
        },
      },
    };
    await using rig = inbox([trusted, doorman, ring]);
    const client = await open(rig.server, { remote: proxyAt });
    await greeted(client);
    await script(client, 'C: MARK\nS: 250\nC: XCLIENT ADDR=198.51.100.7 LOGIN=bob\nS: 450\nC: WHO');
    await script(client, 'S: 250 192.0.2.25 1025 192.0.2.25 proxy.example  kept dropped');
  });

  it('believes nobody else, and not in a transaction', async () => {
    await using rig = inbox([trusted, doorman]);
    const stranger = await open(rig.server, { remote: { address: '192.0.2.1', port: 1 } });
    await script(stranger, 'S: 220\nC: EHLO x\nS: 250 mx.example\nC: XCLIENT ADDR=198.51.100.7\nS: 503');
    const client = await open(rig.server, { remote: proxyAt });
    await greeted(client);
    await script(
      client,
      'C: MAIL FROM:<>\nS: 250\nC: XCLIENT ADDR=198.51.100.7\nS: 503\nC: RCPT TO:<b@server.example>\nS: 250',
    );
    await script(client, 'C: RSET\nS: 250\nC: XCLIENT ADDR\nS: 501\nC: XCLIENT LOGIN=+0\nS: 501\nC: NOOP\nS: 250');
  });

  it('does not run with commands behind it: they were meant for another session', async () => {
    await using rig = inbox([trusted, doorman]);
    const client = await open(rig.server, { remote: proxyAt });
    await greeted(client);
    client.send('XCLIENT ADDR=198.51.100.7\r\nEHLO x\r\n');
    const { code } = await client.reply();
    // One octet at a time nothing is behind it yet.
    expect([554, 220]).toContain(code);
    if (code === 554) expect(await client.closed()).toBe('');
    else await script(client, 'S: 250');
  });
});
