import { inMemory, overTcp } from '@maitred/testing';
import type { Client, Way } from '@maitred/testing';
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { ContentStore, discarding, replies } from '../src/index.ts';
import type { CloseCause, ServerOptions } from '../src/index.ts';
import { mailbox, servesTheNext } from './kit.ts';
import type { Mailbox } from './kit.ts';

/** Octet by octet, megabytes would take minutes. */
const fast = [inMemory, overTcp];
const megabyte = 1024 * 1024;
const block = 64 * 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Octets in buffers that somebody still holds; what was let go of is swept beside us, not at once. */
async function held(): Promise<number> {
  for (let n = 0; n < 2; n += 1) {
    collect();
    await turn();
  }
  return process.memoryUsage().arrayBuffers;
}

interface Greeted extends Mailbox {
  readonly client: Client;
}

async function greeted(way: Way, options?: Partial<ServerOptions>, set?: (box: Mailbox) => void): Promise<Greeted> {
  const box = mailbox(options);
  set?.(box);
  servesTheNext(box, way);
  const client = await way.open(box.server);
  await client.hello();
  return { ...box, client };
}

/** Writes these octets again and again, as fast as they are taken; gives the most that was held on the way. */
async function pour({ stream }: Client, piece: Buffer, megabytes: number): Promise<number> {
  const before = await held();
  let most = 0;
  const times = Math.ceil((megabytes * megabyte) / piece.length);
  for (let n = 1; n <= times; n += 1) {
    if (!stream.write(piece)) await new Promise((resolve) => stream.once('drain', resolve));
    if (n % 64 === 0) most = Math.max(most, (await held()) - before);
  }
  return most;
}

async function toData(client: Client): Promise<void> {
  for (const line of ['MAIL FROM:<a@client.example>', 'RCPT TO:<b@mx.example>', 'DATA']) await client.command(line);
}

describe.each(fast)('memory stays bounded, $name', { timeout: 30_000 }, (way) => {
  it('whatever the length of a line', async () => {
    const { client } = await greeted(way);
    expect(await pour(client, Buffer.alloc(megabyte, 'x'), 32)).toBeLessThan(16 * megabyte);
    client.send('\r\n');
    expect(await client.reply()).toMatchObject({ code: 500, enhanced: '5.5.2' });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
  });

  it.each([
    ['a line without an end', 'x'],
    ['empty lines', '\r\n'],
    ['stuffed lines', '..\r\n'],
    ['bare LFs', '\n'],
  ])('whatever the length of content: %s', async (_, unit) => {
    const { client } = await greeted(way, {}, ({ server }) => server.override(ContentStore, discarding));
    await toData(client);
    expect(await pour(client, Buffer.alloc(megabyte, unit), 32)).toBeLessThan(16 * megabyte);
    client.destroy();
  });

  it('when content goes to a file, through a tap that is slower than the client', async () => {
    const received = createHash('sha256');
    const stored = createHash('sha256');
    let size = 0;
    const { client } = await greeted(way, {}, ({ server }) => {
      server.on('body', () => ({
        write: async (chunk) => {
          received.update(chunk);
          await turn();
        },
      }));
      server.deliver(async ({ content }) => {
        ({ size } = content);
        for await (const chunk of content.stream()) stored.update(chunk as Buffer);
      });
    });
    await toData(client);
    const line = 'The quick brown fox jumps over the lazy dog.\r\n';
    const piece = Buffer.alloc(Math.floor(block / line.length) * line.length, line);
    expect(await pour(client, piece, 30)).toBeLessThan(6 * megabyte);
    expect(await client.command('.')).toMatchObject({ code: 250 });
    const times = Math.ceil((30 * megabyte) / piece.length);
    expect(size).toBe(piece.length * times);
    const sent = createHash('sha256');
    for (let n = 0; n < times; n += 1) sent.update(piece);
    const digest = sent.digest('hex');
    expect([received.copy().digest('hex'), stored.copy().digest('hex')]).toEqual([digest, digest]);
  });

  it('when a refused body is drained', async () => {
    const { client, kept } = await greeted(way, { limits: { textLine: 1000 } });
    await toData(client);
    expect(await pour(client, Buffer.alloc(megabyte, 'x'), 32)).toBeLessThan(16 * megabyte);
    expect(await client.command('\r\n.')).toMatchObject({ code: 554 });
    expect(kept).toEqual([]);
  });
});

const reply = `${`214-2.0.0 ${'x'.repeat(400)}\r\n`.repeat(19)}214 2.0.0 ${'x'.repeat(400)}\r\n`;

/** Much to read for little that is asked. */
const helpful: Partial<ServerOptions> = {
  replies: { help: () => replies.of(214, '2.0.0', ...Array<string>(20).fill('x'.repeat(400))) },
  limits: { idleCommands: 1_000_000 },
};

describe.each(fast)('a client that does not read its replies, $name', { timeout: 30_000 }, (way) => {
  const asked = 4000;

  /** Stops reading, asks and asks; gives how much was executed when nothing goes on any more. */
  async function stuff(box: Greeted, count: () => number): Promise<number> {
    box.client.stream.pause();
    box.client.send('HELP\r\n'.repeat(asked));
    for (let executed = -1; executed < count();) {
      executed = count();
      for (let n = 0; n < 200; n += 1) await turn();
    }
    return count();
  }

  const counted = async (): Promise<Greeted & { readonly count: () => number }> => {
    let count = 0;
    const box = await greeted(way, helpful, ({ server }) =>
      server.on('command', (_, next) => {
        count += 1;
        return next();
      }),
    );
    count = 0;
    return { ...box, count: () => count };
  };

  it('is served no further until it reads, and then to the end, in order', async () => {
    const box = await counted();
    const before = await held();
    const executed = await stuff(box, box.count);
    expect(executed).toBeLessThan(asked / 2);
    expect((await held()) - before).toBeLessThan(12 * megabyte);
    const heard = box.client.transcript.length;
    box.client.stream.resume();
    const all = heard + asked * reply.length;
    while (box.client.transcript.length < all) await turn();
    expect(box.client.transcript.slice(heard)).toBe(reply.repeat(asked));
  });

  it('is lost after five minutes', async () => {
    const box = await counted();
    const cause = new Promise<CloseCause>((resolve) => {
      box.client.stream.once('close', () => resolve('lost'));
    });
    await stuff(box, box.count);
    await box.clock.advance(300_000);
    box.client.stream.resume();
    expect(await cause).toBe('lost');
    expect(box.count()).toBeLessThan(asked / 2);
  });
});
