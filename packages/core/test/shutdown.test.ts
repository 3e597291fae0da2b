import { overTcp, ways } from '@maitred/testing';
import type { Client, Way } from '@maitred/testing';
import { existsSync, readdirSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { basics, Clock, createServer, replies } from '../src/index.ts';
import type { CloseCause } from '../src/index.ts';
import { mailbox, watchedClock } from './kit.ts';
import type { Mailbox } from './kit.ts';

interface Met extends Mailbox {
  readonly client: Client;
  readonly causes: readonly CloseCause[];
}

async function met({ open }: Way, steps: readonly string[]): Promise<Met> {
  const causes: CloseCause[] = [];
  const box = mailbox();
  box.server.on('close', ({ cause }) => void causes.push(cause));
  const client = await open(box.server);
  await client.reply();
  for (const step of steps) await client.command(step);
  return { ...box, client, causes };
}

const toData = ['EHLO client.example', 'MAIL FROM:<a@client.example>', 'RCPT TO:<b@mx.example>', 'DATA'];

describe.each(ways)('close, $name', (way) => {
  it.each([
    ['was greeted', []],
    ['said EHLO', toData.slice(0, 1)],
  ])('says 421 4.3.2 to a client that %s, and ends', async (_, steps) => {
    const { server, client, causes } = await met(way, steps);
    const closing = server.close();
    expect(await client.reply()).toMatchObject({ code: 421, enhanced: '4.3.2' });
    expect(await client.closed()).toBe('');
    await closing;
    expect(causes).toEqual(['shutdown']);
  });

  it('lets a transaction finish, and then says 421', async () => {
    const { server, client, kept, causes } = await met(way, toData.slice(0, 2));
    const closing = server.close();
    for (const step of toData.slice(2)) await client.command(step);
    expect(await client.command('hello\r\n.')).toMatchObject({ code: 250 });
    expect(await client.reply()).toMatchObject({ code: 421, enhanced: '4.3.2' });
    expect(await client.closed()).toBe('');
    await closing;
    expect(kept).toHaveLength(1);
    expect(causes).toEqual(['shutdown']);
  });

  it.each(['RSET', 'EHLO again.example'])('says 421 when a transaction ends with %s', async (line) => {
    const { server, client } = await met(way, toData.slice(0, 3));
    const closing = server.close();
    expect(await client.command(line)).toMatchObject({ code: 250 });
    expect(await client.reply()).toMatchObject({ code: 421 });
    await closing;
  });

  it('lets a client that says QUIT within a transaction go', async () => {
    const { server, client, causes } = await met(way, toData.slice(0, 3));
    const closing = server.close();
    expect(await client.command('QUIT')).toMatchObject({ code: 221 });
    await closing;
    expect(causes).toEqual(['quit']);
  });

  it('aborts at its deadline what is not done', async () => {
    const { server, client, clock, kept, causes } = await met(way, toData);
    client.send('hello\r\n');
    const closing = server.close({ deadline: 10_000 });
    await clock.advance(9_999);
    expect(causes).toEqual([]);
    await clock.advance(1);
    await closing;
    // Nobody waits for the client to read it.
    expect(await client.closed()).toMatch(/^(?:421 4\.3\.2 [^\r\n]*\r\n)?$/);
    expect(kept).toEqual([]);
    expect(causes).toEqual(['lost']);
  });

  it('has the sooner of two deadlines, when it is called again', async () => {
    const { server, clock, causes } = await met(way, toData);
    const closing = server.close();
    const sooner = server.close({ deadline: 1000 });
    await clock.advance(999);
    expect(causes).toEqual([]);
    await clock.advance(1);
    await Promise.all([closing, sooner]);
    expect(causes).toHaveLength(1);
  });

  it('has thirty seconds when nothing else is said', async () => {
    const { server, clock, causes } = await met(way, toData);
    const closing = server.close();
    await clock.advance(29_999);
    expect(causes).toEqual([]);
    await clock.advance(1);
    await closing;
    expect(causes).toHaveLength(1);
  });

  it('aborts the signal of a handler that still works', async () => {
    const box = mailbox();
    const reasons: unknown[] = [];
    box.server.on('mail', async (ctx, next) => {
      await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
      reasons.push(ctx.signal.reason);
      return next();
    });
    const client = await way.open(box.server);
    await client.hello();
    client.send('MAIL FROM:<a@client.example>\r\n');
    for (let n = 0; n < 100; n += 1) await turn();
    await box.server.close({ deadline: 0 });
    expect(reasons).toEqual([expect.any(Error)]);
  });

  it('waits for a handler that ignores its signal no longer than the grace', async () => {
    const box = mailbox();
    box.server.on('mail', () => new Promise(() => {}));
    const client = await way.open(box.server);
    await client.hello();
    client.send('MAIL FROM:<a@client.example>\r\n');
    for (let n = 0; n < 100; n += 1) await turn();
    let closed = false;
    const closing = box.server.close({ deadline: 10_000 }).then(() => (closed = true));
    await box.clock.advance(14_000);
    expect(closed).toBe(false);
    await box.clock.advance(1_000);
    await closing;
  });

  it('leaves no timer, also after somebody had a socket whose client went', async () => {
    const clock = watchedClock();
    let back: (() => void) | undefined;
    const server = createServer({ hostname: 'mx.example' }).override(Clock, clock);
    const given = new Promise<void>((given) => {
      server.use({
        name: 'taker',
        verbs: {
          XTAKE: {
            handle: async (verb) => {
              verb.after((powers) =>
                powers.takeOver(async (stream) => {
                  stream.resume();
                  given();
                  await new Promise<void>((resolve) => {
                    back = resolve;
                  });
                }),
              );
              return replies.ok;
            },
          },
        },
      });
    });
    const client = await way.open(server);
    await client.hello();
    await client.command('XTAKE');
    await given;
    client.destroy();
    await client.closed();
    for (let n = 0; n < 20; n += 1) await turn();
    back?.();
    await server.close();
    expect([clock.asleep, clock.ticking]).toEqual([0, 0]);
  });

  it('is one close, however often it is called', async () => {
    const { server } = await met(way, []);
    const [one, two] = [server.close(), server.close()];
    expect(one).toBe(two);
    await one;
    await server.close();
  });

  it('comes with `await using`', async () => {
    const causes: CloseCause[] = [];
    {
      await using server = createServer({ hostname: 'mx.example' }).on('close', ({ cause }) => void causes.push(cause));
      const client = await way.open(server);
      await client.hello();
    }
    expect(causes).toEqual(['shutdown']);
  });
});

describe('close, over TCP, at its deadline', () => {
  it.each([2, 3, 4])('tells a client within a transaction to come again (%i commands)', async (steps) => {
    const { server, client, clock } = await met(overTcp, toData.slice(0, steps));
    const closing = server.close({ deadline: 1000 });
    await clock.advance(1000);
    await closing;
    expect(await client.closed()).toMatch(/^421 4\.3\.2 /);
  });
});

/** What keeps a process alive, by kind; timers are vitest's too. */
const resources = (): readonly string[] =>
  process.getActiveResourcesInfo().filter((kind) => !['Timeout', 'Immediate', 'PipeWrap'].includes(kind));

/** Open files, where the system tells. */
const files = (): number => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);

describe('a server that was busy', () => {
  it('leaves no socket, no file and no listener', async () => {
    const before = { resources: resources(), files: files() };
    for (let round = 0; round < 3; round += 1) {
      const { server } = mailbox({ base: basics() });
      const clients = await Promise.all(Array.from({ length: 20 }, () => overTcp.open(server)));
      for (const [n, client] of clients.entries()) {
        await client.hello();
        if (n % 4 === 0) await client.mail({ content: 'x'.repeat(500_000) });
        if (n % 4 === 1) client.destroy();
        if (n % 4 === 2) client.send('MAIL FROM:<a@client.example>\r\nRCPT TO:<b@mx.example>\r\nDATA\r\n');
      }
      await server.close({ deadline: 0 });
      await Promise.all(clients.map((client) => client.closed()));
    }
    for (let n = 0; n < 100 && resources().length > before.resources.length; n += 1) await turn();
    expect(resources()).toEqual(before.resources);
    expect(files()).toBe(before.files);
  });
});
