import { clientOn, fakeClock, memoryLog, memoryPair } from '@maitred/testing';
import type { Client, FakeClock, MemoryLog } from '@maitred/testing';
import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Clock, createServer, Log } from '../src/index.ts';
import type { CloseCause, Deadlines } from '../src/index.ts';

const seconds = 1000;

/** One end of a pair that, while held, takes in no more than the write under way. */
class Valve extends Duplex {
  held = false;
  readonly #inner: Duplex;
  #release: (() => void) | undefined;

  constructor(inner: Duplex) {
    super({ allowHalfOpen: true, writableHighWaterMark: 1 });
    this.#inner = inner;
    inner.on('data', (chunk) => this.push(chunk)).on('end', () => this.push(null));
    inner.on('error', (error) => this.destroy(error)).on('close', () => this.destroy());
  }

  open(): void {
    this.held = false;
    this.#release?.();
  }

  override _read(): void {}

  override _write(octets: Buffer, encoding: BufferEncoding, done: () => void): void {
    this.#release = () => void this.#inner.write(octets, encoding, done);
    if (!this.held) this.#release();
  }

  override _final(done: () => void): void {
    this.#inner.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inner.destroy();
    done(error);
  }
}

interface Met {
  readonly client: Client;
  readonly clock: FakeClock;
  readonly log: MemoryLog;
  readonly valve: Valve;
  readonly causes: readonly CloseCause[];
}

/** A client that was told 250 to RCPT, behind a valve. */
async function met(deadlines: Partial<Deadlines> = {}): Promise<Met> {
  const [clock, log] = [fakeClock(), memoryLog()];
  const causes: CloseCause[] = [];
  const server = createServer({ hostname: 'mx.example', deadlines })
    .override(Clock, clock)
    .override(Log, log)
    .accept(() => true)
    .deliver(() => {})
    .on('close', ({ cause }) => void causes.push(cause));
  onTestFinished(() => server.close({ deadline: 0 }));
  const [ours, theirs] = memoryPair();
  const valve = new Valve(theirs);
  const client = clientOn(ours);
  server.attach(valve).catch(() => {});
  await client.hello();
  for (const line of ['MAIL FROM:<a@client.example>', 'RCPT TO:<b@mx.example>']) await client.command(line);
  return { client, clock, log, valve, causes };
}

async function turns(): Promise<void> {
  for (let n = 0; n < 20; n += 1) await turn();
}

describe('a client that does not read a reply', () => {
  it('has five minutes, and what it sends meanwhile gives it no more', async () => {
    const { client, clock, valve, causes } = await met();
    valve.held = true;
    client.send('NOOP\r\n');
    for (let n = 0; n < 299; n += 1) {
      await clock.advance(1 * seconds);
      client.send('x');
    }
    expect(causes).toEqual([]);
    await clock.advance(2 * seconds);
    expect(causes).toEqual(['timeout']);
  });

  it('is gone when the session’s time is over', async () => {
    const { client, clock, valve, causes } = await met({ session: 100 * seconds, unreadReplies: 1e9 });
    valve.held = true;
    client.send('NOOP\r\n');
    await clock.advance(101 * seconds);
    expect(causes).toEqual(['timeout']);
  });

  it('goes on as if nothing had been once it does', async () => {
    const { client, clock, valve, causes } = await met();
    valve.held = true;
    client.send('NOOP\r\nNOOP\r\n');
    await clock.advance(299 * seconds);
    valve.open();
    for (const _ of [1, 2]) expect(await client.reply()).toMatchObject({ code: 250 });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
    expect(causes).toEqual([]);
  });

  it('does not use up the time of a verb that waits for it', async () => {
    const { client, clock, log, valve } = await met();
    valve.held = true;
    client.send('DATA\r\n');
    await clock.advance(200 * seconds);
    valve.open();
    expect(await client.reply()).toMatchObject({ code: 354 });
    expect(await client.command('.')).toMatchObject({ code: 250 });
    expect(log.records).toEqual([]);
  });

  it('is not waited for when the server closes', async () => {
    const { client, clock, valve, causes } = await met();
    valve.held = true;
    client.send('QUIT\r\n');
    await turns();
    await clock.advance(6 * seconds);
    expect(causes).toEqual(['quit']);
  });
});
