import { fakeClock, inMemory, memoryLog, ways } from '@maitred/testing';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mailbox } from '../test/kit.ts';
import { Clock, createServer, Log, replies, service, stage, token } from './index.ts';
import type { Plugin, Server, Session, Stage, Token } from './index.ts';

const never = new Promise<never>(() => {});

/** A plugin that writes down what becomes of it. */
const watched = (name: string, seen: string[], parts: Partial<Plugin> = {}): Plugin => ({
  name,
  setup: async () => {
    await turn();
    seen.push(`${name} set up`);
  },
  close: async () => {
    await turn();
    seen.push(`${name} closed`);
  },
  ...parts,
});

const server = (...plugins: readonly Plugin[]): Server => createServer({ hostname: 'mx.example' }).use(...plugins);

describe('a server', () => {
  it('sets plugins up in use order and closes them in reverse, once', async () => {
    const seen: string[] = [];
    const made = server(watched('a', seen), watched('b', seen), watched('c', seen));
    await made.start();
    await made.start();
    await made.listen({ host: '127.0.0.1' });
    expect(seen).toEqual(['a set up', 'b set up', 'c set up']);
    await made.close();
    await made.close();
    expect(seen.slice(3)).toEqual(['c closed', 'b closed', 'a closed']);
  });

  it('sets plugins up before it serves anybody, however it is started', async () => {
    const seen: string[] = [];
    const made = server(watched('a', seen)).on('connect', (_, next) => {
      seen.push('connect');
      return next();
    });
    const clients = await Promise.all([inMemory.open(made), inMemory.open(made)]);
    for (const client of clients) await client.hello();
    expect(seen).toEqual(['a set up', 'connect', 'connect']);
    await made.close();
  });

  it('closes what was set up when a setup fails, and says whose it was', async () => {
    const seen: string[] = [];
    const cause = new Error('no disk');
    const made = server(
      watched('a', seen),
      watched('b', seen),
      watched('c', seen, { setup: () => Promise.reject(cause) }),
      watched('d', seen),
    );
    const fault = {
      code: 'MAITRED_SETUP_FAILED',
      message: 'c could not be set up: no disk',
      cause,
    };
    await expect(made.start()).rejects.toMatchObject(fault);
    await expect(made.listen({ host: '127.0.0.1' })).rejects.toMatchObject(fault);
    expect(seen).toEqual(['a set up', 'b set up', 'b closed', 'a closed']);
    await made.close();
    expect(seen).toHaveLength(4);
  });

  it('gives each setup and each close the time of a stage, and goes on', async () => {
    const seen: string[] = [];
    const clock = fakeClock();
    const log = memoryLog();
    const made = server(watched('a', seen), watched('b', seen, { close: () => never }), watched('c', seen));
    made.override(Clock, clock).override(Log, log);
    await made.start();
    const closing = made.close();
    await clock.advance(30_000);
    await closing;
    expect(seen.slice(3)).toEqual(['c closed', 'a closed']);
    expect(log.records).toMatchObject([
      { level: 'error', message: 'b failed to close', fields: { err: { code: 'MAITRED_TOO_LATE' } } },
    ]);
  });

  it('does not start when a setup takes longer than that', async () => {
    const seen: string[] = [];
    const clock = fakeClock();
    const made = server(watched('a', seen), watched('b', seen, { setup: () => never })).override(Clock, clock);
    const starting = made.start();
    starting.catch(() => {});
    await clock.advance(30_000);
    await expect(starting).rejects.toMatchObject({
      code: 'MAITRED_SETUP_FAILED',
      cause: { code: 'MAITRED_TOO_LATE', message: expect.stringMatching(/^b did not settle in setup/) },
    });
    expect(seen).toEqual(['a set up', 'a closed']);
  });

  it('closes the others when one fails to close, and logs it', async () => {
    const seen: string[] = [];
    const log = memoryLog();
    const err = new Error('on purpose');
    const made = server(watched('a', seen), watched('b', seen, { close: () => Promise.reject(err) })).override(
      Log,
      log,
    );
    await made.start();
    await made.close();
    expect(seen).toEqual(['a set up', 'b set up', 'a closed']);
    expect(log.records).toMatchObject([{ level: 'error', message: 'b failed to close', fields: { plugin: 'b', err } }]);
  });

  it('tells setups its name, services, and when it closes', async () => {
    const seen: unknown[] = [];
    const Lists: Token<string> = token('lists');
    const made = server({
      name: 'a',
      services: [service({ token: Lists, create: () => 'all' })],
      setup: ({ hostname, inject, signal }) => {
        seen.push(hostname, inject(Lists), signal.aborted);
        signal.addEventListener('abort', () => seen.push('closing'));
      },
      close: () => void seen.push('closed'),
    });
    await made.start();
    await made.close();
    expect(seen).toEqual(['mx.example', 'all', false, 'closing', 'closed']);
  });

  it('closes plugins after the last client has gone', async () => {
    const seen: string[] = [];
    const { server: made } = mailbox();
    made.use(watched('a', seen)).on('close', () => void seen.push('client gone'));
    const client = await inMemory.open(made);
    await client.hello();
    await made.close();
    expect(seen).toEqual(['a set up', 'client gone', 'a closed']);
  });

  it('closes without ever having started', async () => {
    const seen: string[] = [];
    const made = server(watched('a', seen));
    await made.close();
    expect(seen).toEqual([]);
  });

  it('resolves what attached a stream when its client has gone', async () => {
    const { server: made } = mailbox();
    const stream = new PassThrough();
    stream.end('QUIT\r\n');
    await made.attach(stream, { name: 'mine' });
    expect(stream.destroyed).toBe(true);
  });
});

describe.each(ways)('a function that delivers, $name', ({ open }) => {
  const delivering = async (given: unknown): Promise<readonly [unknown, readonly unknown[]]> => {
    const log = memoryLog();
    const made = server().accept(() => true);
    made.override(Log, log).deliver(() => given as undefined);
    const client = await open(made);
    await client.hello();
    const reply = await client.mail();
    await client.command('QUIT');
    await made.close();
    return [reply, log.records];
  };

  it('keeps a message by returning, whatever it happens to return, and the log says that', async () => {
    for (const given of [1, 'queued', { status: 200 }, null]) {
      const [reply, records] = await delivering(given);
      expect(reply).toMatchObject({ code: 250 });
      expect(records).toMatchObject([
        {
          level: 'warn',
          message: 'what deliver gave is no reply, and ignored: return one of replies.of(), or nothing',
        },
      ]);
    }
  });

  it('answers with a reply of its own', async () => {
    expect(await delivering(undefined)).toMatchObject([{ code: 250 }, []]);
    for (const code of [250, 450, 550]) {
      expect(await delivering(replies.of(code, undefined, 'It'))).toMatchObject([{ code, lines: ['It'] }, []]);
    }
  });
});

describe('what comes too late', () => {
  const Check: Stage<Session> = stage('check', () => replies.ok);
  const calls: [string, string, (made: Server) => unknown][] = [
    ['use', 'use', (made) => made.use({ name: 'late' })],
    ['on', 'on', (made) => made.on('mail', (_, next) => next())],
    ['on, of a declared stage,', 'on', (made) => made.on(Check, (_, next) => next())],
    ['accept', 'on', (made) => made.accept(() => true)],
    ['deliver', 'on', (made) => made.deliver(() => {})],
    ['override', 'override', (made) => made.override(Clock, fakeClock())],
  ];

  it.each(calls)('%s after the start is a fault', async (_, name, act) => {
    const made = server();
    await made.start();
    expect(() => act(made)).toThrow(
      expect.objectContaining({
        code: 'MAITRED_ALREADY_STARTED',
        message: `${name} came after the server started: call it before listen`,
      }),
    );
    await made.close();
  });

  it.each<[string, (made: Server) => Promise<unknown>]>([
    ['listen', (made) => made.listen({})],
    ['start', (made) => made.start()],
    ['attach', (made) => made.attach(new PassThrough())],
  ])('%s after close is a fault', async (name, act) => {
    const made = server();
    await made.start();
    await made.close();
    await expect(act(made)).rejects.toMatchObject({
      code: 'MAITRED_SERVER_CLOSED',
      message: `${name} came after the server closed: make a new one`,
    });
  });
});
