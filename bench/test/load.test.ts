import { createServer as createSocketServer, type AddressInfo, type Socket } from 'node:net';
import { createServer } from '@maitred/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { content } from '../src/content.ts';
import { load } from '../src/load.ts';
import { ReplyReader } from '../src/replies.ts';
import { script } from '../src/script.ts';
import { BadAnswer } from '../src/wire.ts';

const small = script({ content: content(1024) });

/** A core server that takes mail for everybody, and counts it. */
async function receiver(): Promise<{ port: number; sizes: number[]; recipients: number[] }> {
  const sizes: number[] = [];
  const recipients: number[] = [];
  const server = createServer({ hostname: 'mx.example.com', limits: { connectionsPerAddress: 100 } })
    .accept(() => true)
    .deliver((message) => {
      sizes.push(message.content.size);
      recipients.push(message.recipients.length);
    });
  onTestFinished(() => server.close({ deadline: 0 }));
  const [bound] = await server.listen({ host: '127.0.0.1' });
  return { port: bound?.port ?? 0, sizes, recipients };
}

/** A server that is no mail server: `serve` has the sockets. */
async function impostor(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createSocketServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    serve(socket);
  });
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

describe('load', () => {
  it('delivers as many messages as it was told, whole', async () => {
    const { port, sizes } = await receiver();
    const { messages } = await load({ port, script: small, connections: 3, messages: 20 });
    expect(messages).toBe(20);
    expect(sizes).toEqual(Array.from({ length: 20 }, () => (small.message.at(-1)?.send[0]?.length ?? 0) - 3));
  });

  it('opens a connection for each message', async () => {
    const { port, sizes } = await receiver();
    await load({ port, script: small, connections: 2, messages: 7, perConnection: 1 });
    expect(sizes).toHaveLength(7);
  });

  it('pipelines an envelope of many recipients', async () => {
    const { port, recipients } = await receiver();
    const many = script({ content: content(1024), recipients: 50, pipelined: true });
    await load({ port, script: many, connections: 1, messages: 3 });
    expect(recipients).toEqual([50, 50, 50]);
  });

  it('takes off the dots that it put in front of some lines', async () => {
    const { port, sizes } = await receiver();
    const large = script({ content: content(200_000) });
    await load({ port, script: large, connections: 1, messages: 1 });
    const stuffed = 2;
    expect(sizes).toEqual([(large.message.at(-1)?.send[0]?.length ?? 0) - 3 - stuffed]);
  });

  it('sends what is too large for one piece in many', async () => {
    const { port, sizes } = await receiver();
    const huge = script({ content: content(9 * 1024 * 1024) });
    await load({ port, script: huge, connections: 1, messages: 1 });
    expect(sizes[0]).toBeGreaterThan(9 * 1024 * 1024 - 1000);
  });

  it('begins nothing once its time is over', async () => {
    const { port, sizes } = await receiver();
    expect(await load({ port, script: small, connections: 2, milliseconds: 0 })).toMatchObject({ messages: 0 });
    expect(sizes).toEqual([]);
  });

  it('fails at a reply of another code', async () => {
    const server = createServer({ hostname: 'mx.example.com' });
    onTestFinished(() => server.close({ deadline: 0 }));
    const [bound] = await server.listen({ host: '127.0.0.1' });
    const refused = load({ port: bound?.port ?? 0, script: small, connections: 1, messages: 1 });
    await expect(refused).rejects.toThrow(new BadAnswer('550 came where 250 was due'));
  });

  it('fails at a reply that nobody asked for', async () => {
    const port = await impostor((socket) => socket.write('220 a\r\n220 b\r\n'));
    const confused = load({ port, script: small, connections: 1, messages: 1 });
    await expect(confused).rejects.toThrow(new BadAnswer('220 came where 250 was due'));
  });

  it('fails when the connection ends in the middle', async () => {
    const port = await impostor((socket) => socket.end('220 a\r\n'));
    await expect(load({ port, script: small, connections: 1, messages: 1 })).rejects.toThrow(BadAnswer);
  });

  it('fails when no reply comes at all', async () => {
    const port = await impostor((socket) => socket.write('220 a\r\n'));
    const silent = load({ port, script: small, connections: 1, messages: 1, patience: 50 });
    await expect(silent).rejects.toThrow(new BadAnswer('no reply came'));
  });
});

describe('ReplyReader', () => {
  it('finds the codes of whole replies, however they are cut', () => {
    const octets = Buffer.from('220 a\r\n250-b\r\n250-c\r\n250 d\r\n354\r\n999 \r\nOK\r\n');
    for (let size = 1; size <= octets.length; size += 1) {
      const codes: number[] = [];
      const reader = new ReplyReader((code) => codes.push(code));
      for (let at = 0; at < octets.length; at += size) {
        const piece = octets.subarray(at, at + size);
        reader.read(piece, piece.length);
      }
      expect(codes).toEqual([220, 250, 354, 999, Number.NaN]);
    }
  });
});
