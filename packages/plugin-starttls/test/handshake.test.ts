import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { clientOn, overTcp, selfSigned, ways, type Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { certificates, starttls } from '../src/index.ts';
import { receiver, type Receiver } from './receiver.ts';

const certs = await certificates({ default: selfSigned('mx.example.org') });

/** A client that was told to go ahead with its handshake. */
async function told(of: Receiver, open = overTcp.open): Promise<Client> {
  const client = await open(of.server);
  await client.hello();
  expect(await client.command('STARTTLS')).toMatchObject({ code: 220 });
  return client;
}

/** The first octets that a TLS client sends. */
async function clientHello(): Promise<Buffer> {
  const heard: Socket[] = [];
  const ear = createServer((socket) => void heard.push(socket)).listen(0, '127.0.0.1');
  await once(ear, 'listening');
  const { port } = ear.address() as AddressInfo;
  const client = connectTls({ host: '127.0.0.1', port }).on('error', () => {});
  const [socket] = (await once(ear, 'connection')) as [Socket];
  const [hello] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  ear.close();
  return hello;
}

const hello = await clientHello();

function serving(): Receiver & { readonly ends: string[] } {
  const it = receiver();
  const ends: string[] = [];
  it.server.use(starttls({ certificates: certs })).on('close', ({ cause }) => void ends.push(cause));
  return { ...it, ends, [Symbol.asyncDispose]: () => it.server.close({ deadline: 0 }) };
}

async function until(so: () => boolean): Promise<void> {
  for (let tries = 0; !so() && tries < 500; tries += 1) await setTimeout(10);
}

describe.each(ways)('a handshake $name', ({ open }) => {
  it.each([
    ['text', Buffer.from('EHLO client.example\r\n'.repeat(4))],
    ['zeros', Buffer.alloc(4096)],
    ['a record that is too long', Buffer.from('160301ffff'.padEnd(400, '0'), 'hex')],
    ['an alert', Buffer.from('15030100020228', 'hex')],
    ['half a hello, then text', Buffer.concat([hello.subarray(0, 60), Buffer.from('QUIT\r\n'.repeat(400))])],
    ['a hello, then text', Buffer.concat([hello, Buffer.from('QUIT\r\n'.repeat(100))])],
  ])('of %s ends the connection', async (_, octets) => {
    await using it = serving();
    const client = await told(it, open);
    client.send(octets);
    await client.closed();
    await until(() => it.ends.length > 0);
    expect(it.ends).toEqual(['lost']);
    expect(client.transcript).not.toMatch(/^221/m);
  });

  it.each([0, 1, 5, 100, hello.length])('whose client ends after %i octets is over at once', async (octets) => {
    await using it = serving();
    const client = await told(it, open);
    client.send(hello.subarray(0, octets));
    client.end();
    await until(() => it.ends.length > 0);
    expect(it.ends).toEqual(['lost']);
  });

  it.each([0, 1, 5, 100, hello.length])('whose client vanishes after %i octets is over at once', async (octets) => {
    await using it = serving();
    const client = await told(it, open);
    client.send(hello.subarray(0, octets));
    await setTimeout(5);
    client.destroy();
    await until(() => it.ends.length > 0);
    expect(it.ends).toEqual(['lost']);
  });

  it.each([0, 1, 100, hello.length])('that stops after %i octets ends at its deadline', async (octets) => {
    await using it = serving();
    const client = await told(it, open);
    client.send(hello.subarray(0, octets));
    await it.clock.advance(29_000);
    await setTimeout(5);
    expect(it.ends).toEqual([]);
    await it.clock.advance(2000);
    await client.closed();
    await until(() => it.ends.length > 0);
    expect(it.ends).toEqual(['timeout']);
  });
});

describe.each(['in a session', 'behind its end'])('plaintext injected %s', (where) => {
  it('is never read', async () => {
    await using it = serving();
    const [at] = await it.server.listen({ host: '127.0.0.1' });
    const back = connect({ host: '127.0.0.1', port: at?.port ?? 0, allowHalfOpen: true });
    // Somebody on the way, who passes everything on but the end of the client's side.
    const between = createServer({ allowHalfOpen: true }, (front) => {
      front.pipe(back, { end: false });
      back.pipe(front);
      front.on('error', () => back.destroy());
    });
    between.listen(0, '127.0.0.1');
    await once(between, 'listening');
    const front = connect({ host: '127.0.0.1', port: (between.address() as AddressInfo).port });
    const client = clientOn(front);
    await client.hello();
    await client.command('STARTTLS');
    await client.secure();
    await client.command('EHLO client.example');
    if (where === 'behind its end') client.end();
    await setTimeout(20);
    back.write('MAIL FROM:<mallory@client.example>\r\nQUIT\r\n');
    await until(() => it.ends.length > 0);
    between.close();
    expect(it.ends).toEqual(['lost']);
    expect(client.transcript).not.toMatch(/Sender OK|^221/m);
  });
});
