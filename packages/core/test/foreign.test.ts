import { ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { mailbox, servesTheNext } from './kit.ts';

const octets = (...of: number[]): Buffer => Buffer.from(of);

describe.each(ways)('who is no mail client, $name', (way) => {
  it.each<[string, string | Uint8Array]>([
    ['an HTTP request', 'GET / HTTP/1.1\r\nHost: mx.example\r\n\r\n'],
    [
      'a form that a browser was made to post',
      'POST / HTTP/1.1\r\nHost: mx.example:25\r\n\r\nEHLO x\r\nMAIL FROM:<a@client.example>\r\n',
    ],
    ['an HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a header field', 'Subject: hello\r\n\r\n'],
    ['a proxy’s CONNECT', 'CONNECT mx.example:25 HTTP/1.1\r\n\r\n'],
    ['a TLS hello', octets(0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3)],
    ['an SSL 2 hello', octets(0x80, 0x2e, 1, 0, 2)],
    ['NULs', octets(0, 0, 0, 0)],
    ['a line that begins with a space', ' NOOP\r\n'],
    ['a line that begins with a digit', '250 OK\r\n'],
    ['a dot', '.\r\n'],
    ['JSON', '{"a": 1}\r\n'],
  ])('%s gets one reply and the end', async (_, sent) => {
    const box = mailbox();
    servesTheNext(box, way);
    const client = await way.open(box.server);
    await client.reply();
    client.send(sent);
    expect(await client.reply()).toMatchObject({ code: 554, enhanced: '5.5.2' });
    expect(await client.closed()).toBe('');
  });
});
