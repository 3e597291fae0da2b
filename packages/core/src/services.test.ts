import { inMemory, memoryLog } from '@maitred/testing';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Clock, createServer, inject, injectable, Log, replies, service, systemClock, token } from './index.ts';
import type { AnyService, Hooks, Plugin, Server, Token } from './index.ts';

interface Users {
  has(name: string): boolean;
}
const Users: Token<Users> = token('users');
const Cache: Token<object> = token('cache');

const nobody: Users = { has: () => false };
const everybody: Users = { has: () => true };

/** Answers MAIL by what the directory says. */
const directory = (...services: readonly AnyService[]): Plugin => ({
  name: 'directory',
  services,
  stages: {
    mail: async (ctx, next) =>
      ctx.inject(Users).has(ctx.sender.local) ? next() : replies.of(550, '5.1.8', 'Who is that?'),
  },
});

const server = (): Server => createServer({ hostname: 'mx.example' });

async function asks(made: Server): Promise<number> {
  const client = await inMemory.open(made);
  await client.hello();
  const { code } = await client.command('MAIL FROM:<a@client.example>');
  await made.close({ deadline: 0 });
  return code;
}

describe('a service', () => {
  it('is what its plugin registered', async () => {
    expect(await asks(server().use(directory(service({ token: Users, create: () => nobody }))))).toBe(550);
  });

  it('is another one where a test overrides it', async () => {
    const made = server().use(directory(service({ token: Users, create: () => nobody })));
    expect(await asks(made.override(Users, everybody))).toBe(250);
  });

  it('is made although nobody registered it, where it is overridden', async () => {
    expect(await asks(server().use(directory()).override(Users, everybody))).toBe(250);
  });

  it('is another one where a later plugin overrides it', async () => {
    const made = server().use(directory(service({ token: Users, create: () => nobody })), {
      name: 'guests',
      services: [service({ token: Users, override: true, create: () => everybody })],
    });
    expect(await asks(made)).toBe(250);
  });

  it('that is overridden is never made', async () => {
    let made = 0;
    const users = service({ token: Users, create: () => ((made += 1), nobody) });
    await asks(server().use(directory(users)).override(Users, everybody));
    expect(made).toBe(0);
  });

  it('is made once, at the start, before any setup, whoever asks', async () => {
    const seen: string[] = [];
    const users = service({ token: Users, create: () => (seen.push('users'), everybody) });
    const cache = service({ token: Cache, create: (get) => (seen.push('cache'), { users: get(Users) }) });
    const made = server().use(
      { name: 'cache', services: [cache], setup: ({ inject: get }) => void seen.push(`setup ${typeof get(Cache)}`) },
      directory(users),
    );
    expect(await asks(made)).toBe(250);
    expect(seen).toEqual(['cache', 'users', 'setup object']);
  });

  it('is one server’s own', async () => {
    const made: object[] = [];
    const plugin = (): Plugin => ({
      name: 'cache',
      services: [service({ token: Cache, create: () => ({}) })],
      setup: ({ inject: get }) => void made.push(get(Cache)),
    });
    const [one, two] = [server().use(plugin()), server().use(plugin())];
    await Promise.all([one.start(), two.start()]);
    expect(made[0]).not.toBe(made[1]);
    await Promise.all([one.close(), two.close()]);
  });

  it('that nobody registered is a fault that names it, and 451 to the client', async () => {
    const log = memoryLog();
    expect(await asks(server().use(directory()).override(Log, log))).toBe(451);
    const err = { code: 'MAITRED_SERVICE_MISSING', message: expect.stringMatching(/^users has no service: /) };
    expect(log.records).toMatchObject([{ fields: { plugin: 'directory', err } }]);
  });
});

const disposable = (name: string, seen: string[], how: 'sync' | 'async' | 'throws' | 'rejects'): object =>
  how === 'sync' || how === 'throws'
    ? {
        [Symbol.dispose]() {
          seen.push(name);
          if (how === 'throws') throw new Error(`${name} on purpose`);
        },
      }
    : {
        async [Symbol.asyncDispose]() {
          await turn();
          seen.push(name);
          if (how === 'rejects') throw new Error(`${name} on purpose`);
        },
      };

describe('services at the end', () => {
  it('are disposed last first, after the plugins, one failure skipping nothing', async () => {
    const seen: string[] = [];
    const log = memoryLog();
    const tokens = ['a', 'b', 'c', 'd', 'e'].map((name) => token<object>(name));
    const hows = ['sync', 'throws', 'async', 'rejects', 'sync'] as const;
    const made = server()
      .use({
        name: 'all',
        services: tokens.map((each, n) =>
          service({ token: each, create: () => disposable(each.description ?? '', seen, hows[n] ?? 'sync') }),
        ),
        close: () => void seen.push('plugin'),
      })
      .override(Log, log);
    await made.start();
    await made.close();
    expect(seen).toEqual(['plugin', 'e', 'd', 'c', 'b', 'a']);
    expect(log.records.map(({ message }) => message)).toEqual(['d failed to dispose', 'b failed to dispose']);
  });

  it('are disposed before those they were made of', async () => {
    const seen: string[] = [];
    const made = server().use({
      name: 'all',
      services: [
        service({ token: Cache, create: (get) => (get(Users), disposable('cache', seen, 'sync')) }),
        service({ token: Users, create: () => disposable('users', seen, 'sync') as Users }),
      ],
    });
    await made.start();
    await made.close();
    expect(seen).toEqual(['cache', 'users']);
  });

  it('are disposed when a setup fails, and of a server that was only described', async () => {
    const seen: string[] = [];
    const make = (): Server =>
      server().use({
        name: 'all',
        services: [service({ token: Cache, create: () => disposable('cache', seen, 'sync') })],
        setup: () => Promise.reject(new Error('on purpose')),
      });
    await expect(make().start()).rejects.toThrow(/could not be set up/);
    expect(seen).toEqual(['cache']);
    const described = make();
    described.describe();
    await described.close();
    expect(seen).toEqual(['cache', 'cache']);
  });

  it('stay their owner’s where they came by override', async () => {
    const seen: string[] = [];
    const made = server().override(Cache, disposable('mine', seen, 'sync'));
    await made.start();
    await made.close();
    expect(seen).toEqual([]);
  });
});

describe('an injectable plugin', () => {
  it('is made with its services and keeps its own state', async () => {
    @injectable()
    class Doorman {
      static readonly plugin = { name: 'doorman', requires: [Users] };
      readonly #users: Users;
      #asked = 0;
      constructor(@inject(Users) users: Users) {
        this.#users = users;
      }
      readonly stages: Hooks = {
        mail: async (ctx, next) =>
          this.#users.has(ctx.sender.local) ? next() : replies.of(550, '5.1.8', `Who is ${(this.#asked += 1)}?`),
      };
      readonly verbs = { XASKED: { handle: async () => replies.of(250, undefined, String(this.#asked)) } };
    }
    const made = server().use(Doorman).override(Users, nobody);
    expect(made.describe()).toMatchObject({ verbs: { XASKED: 'doorman' }, stages: { mail: ['doorman'] } });
    const client = await inMemory.open(made);
    await client.hello();
    expect(await client.command('MAIL FROM:<a@client.example>')).toMatchObject({ code: 550 });
    expect(await client.command('XASKED')).toMatchObject({ text: '1' });
    await made.close({ deadline: 0 });
  });
});

describe('the services of core', () => {
  it('are a clock, a logger, a store and the texts', () => {
    expect(server().describe().services).toEqual({
      clock: 'core',
      log: 'core',
      'content store': 'core',
      texts: 'core',
    });
  });

  it('name who put another in their place', () => {
    const made = server().override(Clock, systemClock);
    expect(made.describe().services).toMatchObject({ clock: 'the application' });
  });
});
