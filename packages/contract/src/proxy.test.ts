import { key, type Key, type Plugin } from '@maitred/core';
import { inMemory, overTcp, script, selfSigned, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { proxy, ProxyHeader } from './proxy.ts';
import { inbox } from './receiver.ts';

const balancer = { address: '192.0.2.25', port: 1025 };
const trusted = proxy({ trusted: ({ address }) => address === balancer.address });
const header = 'PROXY TCP4 198.51.100.7 203.0.113.1 4242 25\r\n';

/** Notes what `connect` sees, at the greeting. */
function witness(seen: string[]): Plugin {
  return {
    name: 'witness',
    requires: [ProxyHeader],
    stages: {
      connect: async (ctx, next) => {
        const { remote, local, socket } = ctx;
        const at = [remote, local, socket].map(({ address, port }) => `${address}:${port}`);
        seen.push([...at, ctx.tls ? 'TLS' : 'plain', ctx.get(ProxyHeader)].join(' '));
        return next();
      },
    },
  };
}

const told = '198.51.100.7:4242 203.0.113.1:25 192.0.2.25:1025';

describe.each(ways)('a prologue, $name', ({ open }) => {
  it('sets the facts and its keys before the greeting, and leaves the rest of the octets', async () => {
    const seen: string[] = [];
    await using rig = inbox([trusted, witness(seen)]);
    const client = await open(rig.server, { remote: balancer });
    client.send(`${header}EHLO client.example\r\n`);
    await script(client, 'S: 220\nS: 250');
    expect(seen).toEqual([`${told} plain ${header.trim()}`]);
  });

  it('counts once, and as the first octets alone', async () => {
    await using rig = inbox(trusted);
    const client = await open(rig.server, { remote: balancer });
    client.send(header);
    await script(client, 'S: 220\nC: NOOP\nS: 250');
    client.send(header);
    await script(client, 'S: 500');
  });

  it('is deaf to strangers: what they send is SMTP', async () => {
    const seen: string[] = [];
    await using rig = inbox([trusted, witness(seen)]);
    const stranger = { address: '192.0.2.26', port: 1026 };
    const client = await open(rig.server, { remote: stranger });
    await script(client, 'S: 220');
    client.send(header);
    await script(client, 'S: 500');
    expect(seen).toEqual([`192.0.2.26:1026 127.0.0.1:25 192.0.2.26:1026 plain `]);
  });

  it.each([
    ['another header', 'PROXY UNKNOWN\r\n'],
    ['no header', 'EHLO client.example\r\n'],
    ['an endless line', 'P'.repeat(500)],
  ])('closes without a word at %s', async (_, octets) => {
    const seen: string[] = [];
    await using rig = inbox([trusted, witness(seen)]);
    const client = await open(rig.server, { remote: balancer });
    client.send(octets);
    expect(await client.closed()).toBe('');
    expect(client.transcript).toBe('');
    expect(seen).toEqual([]);
  });

  it('closes without a word on a client that left before it was whole', async () => {
    await using rig = inbox(trusted);
    const client = await open(rig.server, { remote: balancer });
    client.send(header.slice(0, 9));
    client.end();
    await client.closed();
    expect(client.transcript).toBe('');
    expect(rig.log.records).toEqual([]);
  });

  it('comes before implicit TLS, whose first octets may be there already', async () => {
    const seen: string[] = [];
    await using rig = inbox([trusted, witness(seen)]);
    const client = await open(rig.server, { remote: balancer, tls: selfSigned('mx.example'), secure: false });
    client.send(header);
    await client.secure();
    await client.hello();
    expect(seen).toEqual([`${told} TLS ${header.trim()}`]);
  });

  it('may be followed by another', async () => {
    const Second: Key<string, 'connection'> = key('test:second', 'connection');
    const second: Plugin = {
      name: 'second',
      provides: [Second],
      prologue: async (wire, keys, signal) => {
        const octet = await wire.read(1, signal);
        keys.set(Second, octet.toString());
        return { remote: { address: '198.51.100.8', port: 8 } };
      },
    };
    const seen: string[] = [];
    await using rig = inbox([trusted, second, witness(seen)]);
    const client = await open(rig.server, { remote: balancer });
    client.send(`${header}!EHLO client.example\r\n`);
    await script(client, 'S: 220\nS: 250');
    expect(seen).toEqual([`198.51.100.8:8 203.0.113.1:25 192.0.2.25:1025 plain ${header.trim()}`]);
  });
});

describe('a prologue that waits', () => {
  it('ends at its deadline, without a word', async () => {
    await using rig = inbox(trusted, { deadlines: { stages: { prologue: 5000 } } });
    const client = await inMemory.open(rig.server, { remote: balancer });
    client.send(header.slice(0, 9));
    await rig.clock.advance(4000);
    expect(client.stream.readableEnded).toBe(false);
    await rig.clock.advance(7000);
    expect(await client.closed()).toBe('');
    expect(client.transcript).toBe('');
  });

  it('counts each client by the address that it told', async () => {
    await using rig = inbox(trusted, { limits: { connectionsPerAddress: 1 } });
    const [first, second, third] = [
      await overTcp.open(rig.server, { remote: balancer }),
      await overTcp.open(rig.server, { remote: balancer }),
      await overTcp.open(rig.server, { remote: balancer }),
    ];
    first.send(header);
    await script(first, 'S: 220');
    second.send(header);
    await script(second, 'S: 421');
    third.send(header.replace('.7 ', '.8 '));
    await script(third, 'S: 220');
  });
});
