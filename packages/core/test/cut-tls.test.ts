import { fc } from '@fast-check/vitest';
import { clientOn, inMemory, memoryPair, octetByOctet, overTcp, selfSigned } from '@maitred/testing';
import type { Client } from '@maitred/testing';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { mailbox } from './kit.ts';

/** The first octets of a TLS client. */
async function clientHello(): Promise<Buffer> {
  const [ours, theirs] = memoryPair();
  const tls = connect({ socket: ours });
  for (const end of [tls, theirs]) end.on('error', () => {});
  const [hello] = (await once(theirs, 'data')) as [Buffer];
  tls.destroy();
  return hello;
}

const tls = selfSigned();

describe.each([inMemory, overTcp, octetByOctet])('a TLS listener, $name', { timeout: 30_000 }, ({ name, open }) => {
  it('is done with a client that is cut off within its hello', async () => {
    const hello = await clientHello();
    const { server, log } = mailbox();
    const gone: string[] = [];
    server.on('close', ({ cause }) => void gone.push(cause));
    let came = 0;
    // Octet by octet, each cut costs as many turns as it is long.
    const cuts = fc.sample(fc.nat(hello.length), name === 'octet by octet' ? 10 : 60);
    for (const at of [0, 1, 5, hello.length - 1, hello.length, ...cuts]) {
      for (const leave of [(it: Client) => it.end(), (it: Client) => it.destroy()]) {
        came += 1;
        const client = await open(server, { tls, secure: false });
        client.send(hello.subarray(0, at));
        leave(client);
        await client.closed();
        while (gone.length < came) await new Promise(setImmediate);
      }
    }
    expect(log.records.filter(({ level }) => level !== 'info')).toEqual([]);
    const next = await open(server, { tls });
    await next.hello();
    expect(await next.mail()).toMatchObject({ code: 250 });
  });

  it('is done with a client that speaks something else', async () => {
    const { server, log } = mailbox();
    for (const octets of [
      'EHLO client.example\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      '\0\0\0\0\0\0',
      '\x16\x03\x01\xff\xff\x01',
    ]) {
      const client = await open(server, { tls, secure: false });
      client.send(octets);
      client.end();
      expect(await client.closed()).not.toContain('220');
    }
    expect(log.records.filter(({ level }) => level !== 'info')).toEqual([]);
  });
});

describe('a client of a plain listener', () => {
  it('that begins with a TLS hello is told what this is, and closed', async () => {
    const { server } = mailbox();
    const [ours, theirs] = memoryPair();
    server.attach(theirs).catch(() => {});
    const client = clientOn(ours);
    await client.reply();
    client.send(await clientHello());
    // Among its octets may be one that looks like a bare LF.
    expect((await client.reply()).enhanced).toBe('5.5.2');
    expect(await client.closed()).toBe('');
  });
});
