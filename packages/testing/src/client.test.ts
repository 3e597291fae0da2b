import { text } from 'node:stream/consumers';
import type { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { clientOn } from './client.ts';
import type { Client, ClientOptions } from './client.ts';
import { memoryPair } from './memory.ts';

/** A client, and the other end for the test to play. */
const pair = (options?: ClientOptions): [Client, Duplex] => {
  const [ours, theirs] = memoryPair();
  return [clientOn(ours, options), theirs];
};

describe('a client', () => {
  it('reads replies in the order they are asked for, however they come', async () => {
    const [client, server] = pair();
    const asked = Promise.all([client.reply(), client.reply(), client.reply()]);
    server.write('250 a\r\n250-b\r\n');
    server.write('250 c\r\n250 d\r\n');
    expect((await asked).map((reply) => reply.text)).toEqual(['a', 'b\nc', 'd']);
    expect(client.transcript).toBe('250 a\r\n250-b\r\n250 c\r\n250 d\r\n');
  });

  it('reads UTF-8 that is cut anywhere', async () => {
    const [client, server] = pair();
    for (const octet of Buffer.from('250 é€\r\n')) server.write(Buffer.of(octet));
    expect((await client.reply()).text).toBe('é€');
  });

  it('rejects when the connection ends first, saying what came', async () => {
    const [client, server] = pair();
    server.end('220-half\r\n');
    await expect(client.reply()).rejects.toThrow(
      'no reply: the server closed the connection; received so far:\n220-half',
    );
    const [other, gone] = pair();
    gone.destroy();
    await expect(other.reply()).rejects.toThrow(
      'no reply: the connection broke (read ECONNRESET); nothing was received',
    );
  });

  it('rejects when its patience ends', async () => {
    const [client, server] = pair({ patience: 5 });
    await expect(client.reply()).rejects.toThrow('no reply within 5 ms; nothing was received');
    await expect(client.closed()).rejects.toThrow('the server kept the connection open; nothing was received');
    server.write('220 late\r\n');
    expect(await client.reply()).toMatchObject({ code: 220 });
  });

  it('rejects what is no reply, to whoever asked for it', async () => {
    const [client, server] = pair();
    server.write('220 hi\r\nwhat?\n');
    expect(await client.reply()).toMatchObject({ code: 220 });
    await expect(client.command('NOOP')).rejects.toThrow('no line of a reply: "what?\\n"');
  });

  it('greets once', async () => {
    const [client, server] = pair();
    server.write('220 hi\r\n250 first\r\n250 second\r\n');
    expect(await client.hello()).toMatchObject({ text: 'first' });
    expect(await client.hello('other.example')).toMatchObject({ text: 'second' });
    client.end();
    expect(await text(server)).toBe('EHLO client.example\r\nEHLO other.example\r\n');
  });

  it('sends no command before the greeting was asked for: each reply would be that of the command before', async () => {
    const [client, server] = pair();
    await expect(client.command('EHLO client.example')).rejects.toThrow('read the greeting first: hello() or reply()');
    await expect(client.mail()).rejects.toThrow('read the greeting first: hello() or reply()');
    server.write('220 hi\r\n250 mine\r\n');
    const greeting = client.reply();
    expect(await client.command('NOOP')).toMatchObject({ text: 'mine' });
    expect(await greeting).toMatchObject({ text: 'hi' });
    client.end();
    expect(await text(server)).toBe('NOOP\r\n');
  });

  it('does not greet a server that will not have it', async () => {
    const [client, server] = pair();
    server.write('554 no\r\n');
    await expect(client.hello()).rejects.toThrow('the greeting was answered 554 no');
    client.end();
    expect(await text(server)).toBe('');
  });

  it('sends a mail step by step', async () => {
    const [client, server] = pair();
    server.write('220 hi\r\n250 a\r\n250 b\r\n250 c\r\n354 go\r\n250 kept\r\n');
    await client.reply();
    expect(
      await client.mail({
        from: '',
        to: ['x@example', 'y@example'],
        parameters: 'SIZE=3',
        content: Buffer.from('.\r\n'),
      }),
    ).toMatchObject({ text: 'kept' });
    client.end();
    expect(await text(server)).toBe(
      'MAIL FROM:<> SIZE=3\r\nRCPT TO:<x@example>\r\nRCPT TO:<y@example>\r\nDATA\r\n..\r\n.\r\n',
    );
  });

  it('says which step of a mail was refused', async () => {
    const [client, server] = pair();
    server.write('220 hi\r\n250 a\r\n550-no\r\n550 never\r\n');
    await client.reply();
    await expect(client.mail({ to: 'x@example' })).rejects.toThrow(
      'RCPT TO:<x@example> was answered 550-no / 550 never',
    );
  });

  it('gives back what nobody read', async () => {
    const [client, server] = pair();
    server.end('220 hi\r\n421 bye\r\n');
    await client.reply();
    expect(await client.closed()).toBe('421 bye\r\n');
  });

  it("answers the server's FIN with its own", async () => {
    const [client, server] = pair();
    server.end();
    expect(await text(server)).toBe('');
    expect(await client.closed()).toBe('');
  });

  it('stops reading when its stream is paused', async () => {
    const [client, server] = pair();
    client.stream.pause();
    while (server.write(Buffer.alloc(4096, '250 OK\r\n')));
    client.stream.resume();
    expect(await client.reply()).toMatchObject({ code: 250 });
  });
});
