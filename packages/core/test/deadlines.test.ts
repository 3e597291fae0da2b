import { selfSigned, ways } from '@maitred/testing';
import type { Client, Way } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { defaultDeadlines } from '../src/index.ts';
import type { CloseCause, ServerOptions } from '../src/index.ts';
import { mailbox, servesTheNext } from './kit.ts';
import type { Mailbox } from './kit.ts';

const seconds = 1000;

interface Watched extends Mailbox {
  readonly client: Client;
  readonly cause: Promise<CloseCause>;
}

/** A client that said these lines, and why it will end. */
async function after(steps: readonly string[], way: Way, options?: Partial<ServerOptions>): Promise<Watched> {
  const box = mailbox(options);
  servesTheNext(box, way);
  const cause = new Promise<CloseCause>((resolve) => {
    box.server.on('close', (closed) => resolve(closed.cause));
  });
  const client = await way.open(box.server);
  await client.reply();
  for (const step of steps) await client.command(step);
  return { ...box, client, cause };
}

/** Sends, and waits until all of it is on its way: octet by octet that takes a turn for each. */
const sent = (client: Client, text: string): Promise<void> =>
  new Promise((resolve) => void client.stream.write(text, () => resolve()));

const toData = ['EHLO client.example', 'MAIL FROM:<a@client.example>', 'RCPT TO:<b@mx.example>', 'DATA'];

async function timesOut({ client, cause, kept }: Watched): Promise<void> {
  expect(await client.reply()).toMatchObject({ code: 421, enhanced: '4.4.2' });
  expect(await client.closed()).toBe('');
  expect(await cause).toBe('timeout');
  expect(kept).toEqual([]);
}

describe('the deadlines', () => {
  it('have these defaults', () => {
    expect(defaultDeadlines).toEqual({
      command: 300 * seconds,
      dataBlock: 180 * seconds,
      handshake: 30 * seconds,
      unreadReplies: 300 * seconds,
      session: 3600 * seconds,
      grace: 5 * seconds,
      endOfData: 120 * seconds,
      stage: 30 * seconds,
      stages: { message: 120 * seconds, prepare: 120 * seconds, commit: 300 * seconds },
      dataRate: 500,
    });
  });
});

describe.each(ways)('a client that waits, $name', (way) => {
  it.each([
    ['the greeting', []],
    ['EHLO', toData.slice(0, 1)],
    ['RCPT', toData.slice(0, 3)],
  ])('after %s has five minutes for a command, and then gets 421', async (_, steps) => {
    const watched = await after(steps, way);
    await watched.clock.advance(299 * seconds);
    expect(await watched.client.command('NOOP')).toMatchObject({ code: 250 });
    await watched.clock.advance(299 * seconds);
    expect(await watched.client.command('NOOP')).toMatchObject({ code: 250 });
    await watched.clock.advance(300 * seconds);
    await timesOut(watched);
  });

  it('has five minutes for the whole line, however it trickles in', async () => {
    const watched = await after([], way, { deadlines: { command: 10 * seconds } });
    for (const octet of 'NOOP abcd') {
      watched.client.send(octet);
      await watched.clock.advance(1 * seconds);
    }
    watched.client.send('e');
    await watched.clock.advance(1 * seconds);
    await timesOut(watched);
  });

  it('has five minutes for a line without an end', async () => {
    const watched = await after([], way);
    for (let n = 0; n < 30; n += 1) {
      await sent(watched.client, 'x'.repeat(100));
      await watched.clock.advance(10 * seconds);
    }
    await timesOut(watched);
  });

  it('has neither more nor less when somebody sets the time', async () => {
    const watched = await after(toData.slice(0, 3), way);
    const day = 24 * 3600 * seconds;
    watched.clock.set(watched.clock.now() + day);
    await watched.clock.advance(299 * seconds);
    expect(await watched.client.command('NOOP')).toMatchObject({ code: 250 });
    watched.clock.set(watched.clock.now() - 2 * day);
    await watched.clock.advance(300 * seconds);
    await timesOut(watched);
  });

  it('has three minutes for the next octets of content', async () => {
    const watched = await after(toData, way);
    await sent(watched.client, 'x'.repeat(1000));
    await watched.clock.advance(180 * seconds);
    await timesOut(watched);
  });

  it('has an hour in all, even if it never stops talking', async () => {
    const watched = await after([], way, { limits: { idleCommands: 1000 }, deadlines: { session: 120 * seconds } });
    for (let n = 0; n < 119; n += 1) {
      await watched.clock.advance(1 * seconds);
      expect(await watched.client.command('NOOP')).toMatchObject({ code: 250 });
    }
    await watched.clock.advance(1 * seconds);
    await timesOut(watched);
  });

  it('has an hour in all, also within content', async () => {
    const watched = await after(toData, way, { deadlines: { session: 60 * seconds } });
    for (let n = 0; n < 60; n += 1) {
      await sent(watched.client, 'x'.repeat(1000));
      await watched.clock.advance(1 * seconds);
    }
    await timesOut(watched);
  });

  it('is lost when it does not close its side within the grace', async () => {
    const watched = await after([], way);
    watched.client.stream.removeAllListeners('end');
    const gone = new Promise((resolve) => watched.client.stream.once('close', resolve));
    watched.client.stream.on('error', () => {});
    await watched.client.command('QUIT');
    await watched.clock.advance(5 * seconds);
    expect(await watched.cause).toBe('quit');
    watched.client.destroy();
    await gone;
  });
});

describe.each(ways)('content that trickles, $name', (way) => {
  it('at an octet a second is given half a minute', async () => {
    const watched = await after(toData, way);
    for (let n = 0; n < 32; n += 1) {
      watched.client.send('x');
      await watched.clock.advance(1 * seconds);
    }
    await timesOut(watched);
  });

  it('at 500 octets a second is taken', async () => {
    const { client, clock, kept } = await after(toData, way);
    for (let n = 0; n < 100; n += 1) {
      await sent(client, 'x'.repeat(500));
      await clock.advance(1 * seconds);
    }
    expect(await client.command('\r\n.')).toMatchObject({ code: 250 });
    expect(kept[0]?.content).toHaveLength(50_002);
  });

  it('is measured for each message anew', async () => {
    const { client, clock } = await after(toData, way);
    for (let n = 0; n < 2; n += 1) {
      client.send('x');
      await clock.advance(25 * seconds);
      expect(await client.command('\r\n.')).toMatchObject({ code: 250 });
      for (const step of toData.slice(1)) await client.command(step);
    }
  });

  it('may trickle as it likes where there is no floor', async () => {
    const { client, clock } = await after(toData, way, { deadlines: { dataRate: 0 } });
    for (let n = 0; n < 50; n += 1) {
      client.send('x');
      await clock.advance(10 * seconds);
    }
    expect(await client.command('\r\n.')).toMatchObject({ code: 250 });
  });
});

describe.each(ways)('a TLS handshake, $name', ({ open }) => {
  it('has half a minute', async () => {
    const { server, clock, log } = mailbox();
    const causes: CloseCause[] = [];
    server.on('close', ({ cause }) => void causes.push(cause));
    const client = await open(server, { tls: selfSigned(), secure: false });
    await clock.advance(29 * seconds);
    expect(causes).toEqual([]);
    await clock.advance(1 * seconds);
    expect(await client.closed()).toBe('');
    expect(causes).toHaveLength(1);
    expect(log.records).toMatchObject([{ level: 'info', message: 'the TLS handshake failed' }]);
  });
});
