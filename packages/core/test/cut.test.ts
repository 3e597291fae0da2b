import { memoryLog, ways } from '@maitred/testing';
import type { Client } from '@maitred/testing';
import { fc } from '@fast-check/vitest';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Clock, ContentStore, createServer, Log, spool } from '../src/index.ts';
import type { Server } from '../src/index.ts';
import { lines, watchedClock } from './kit.ts';

const message = (subject: string): string => lines(`Subject: ${subject}`, '', 'Hello,', '..dots', 'x'.repeat(30));
const envelope = lines('MAIL FROM:<a@client.example>', 'RCPT TO:<b@mx.example>', 'DATA');
const session = Buffer.from(
  `EHLO client.example\r\n${envelope}${message('one')}.\r\nBOGUS\r\nRSET\r\n` +
    `${envelope}${message('two')}bare\nLF\r\n.\r\n${envelope}.\r\nQUIT\r\n`,
);
/** Where, in octets, a message that is kept was complete. */
const complete = ['\r\n.\r\nBOGUS', 'DATA\r\n.\r\n'].map(
  (end) => session.indexOf(end) + (end === 'DATA\r\n.\r\n' ? 9 : 5),
);
const done = (at: number): number => complete.filter((end) => end <= at).length;

describe.each(ways)('a client that is cut off, $name', { timeout: 30_000 }, ({ open }) => {
  const clock = watchedClock();
  const log = memoryLog();
  let folder: string;
  let server: Server;
  let kept = 0;
  let here = 0;
  let gone: (() => void) | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cut-'));
    server = createServer({ hostname: 'mx.example', talkingAhead: 'allow' })
      .override(Clock, clock)
      .override(Log, log)
      .override(ContentStore, spool({ memory: 16, directory: folder }))
      .accept(() => true)
      .on('connect', (_, next) => {
        here += 1;
        return next();
      })
      .on('close', () => {
        here -= 1;
        gone?.();
      })
      .deliver(async ({ content }) => {
        await content.bytes(1000);
        kept += 1;
      });
  });

  afterAll(async () => {
    await server.close({ deadline: 0 });
    await rm(folder, { recursive: true });
  });

  /** The messages that the store still has in files. */
  const files = async (): Promise<string[]> =>
    (await readdir(folder, { recursive: true })).filter((name) => name.includes('/'));

  async function cut(at: number, sizes: readonly number[], leave: (client: Client) => void): Promise<void> {
    kept = 0;
    const left = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const client = await open(server);
    await client.reply();
    for (let from = 0, n = 0; from < at; n += 1) {
      const to = Math.min(at, from + (sizes[n] ?? at));
      client.send(session.subarray(from, to));
      from = to;
    }
    leave(client);
    await client.closed();
    await left;
    expect([here, clock.asleep]).toEqual([0, 0]);
    if ((await files()).length > 0) await expect.poll(files, { interval: 1, timeout: 10_000 }).toEqual([]);
  }

  it('by its own FIN, at any octet, has had all done that it said', async () => {
    for (let at = 0; at <= session.length; at += 1) {
      await cut(at, [], (client) => client.end());
      expect([at, kept]).toEqual([at, done(at)]);
    }
  });

  it('by a reset, at any octet, leaves nothing behind', async () => {
    for (let at = 0; at <= session.length; at += 1) {
      await cut(at, [], (client) => client.destroy());
      expect(kept).toBeLessThanOrEqual(done(at));
    }
  });

  it('leaves nothing behind, in whatever pieces it came', async () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 60 });
    const politely = fc.boolean();
    await fc.assert(
      fc.asyncProperty(fc.nat(session.length), pieces, politely, async (at, sizes, polite) => {
        await cut(at, sizes, (client) => (polite ? client.end() : client.destroy()));
        expect(kept).toBeLessThanOrEqual(done(at));
        if (polite) expect(kept).toBe(done(at));
      }),
      { numRuns: 100 },
    );
  });

  it('keeps neither the next from being served nor the server from closing', async () => {
    const client = await open(server);
    await client.hello();
    expect(await client.mail()).toMatchObject({ code: 250 });
    expect(await client.command('QUIT')).toMatchObject({ code: 221 });
    await server.close();
    expect([clock.asleep, clock.ticking, log.records]).toEqual([0, 0, []]);
  });
});
