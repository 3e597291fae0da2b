import { ways } from '@maitred/testing';
import type { Client } from '@maitred/testing';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bare, mailbox } from '../test/kit.ts';
import { ContentStore, replies, service, SmtpError, spool } from './index.ts';
import type { Content, Server, Storage } from './index.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spool-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** The files of messages. */
const files = (): Promise<string[]> => readdir(folder);

/** None are left once those that are being removed are gone. */
const noFiles = (): Promise<void> => expect.poll(files, { interval: 1, timeout: 10_000 }).toEqual([]);

/** With a store that is the server's own, and goes with it. */
const spooling = (server: Server, memory = 100): Server =>
  server.use({
    name: 'spool',
    services: [service({ token: ContentStore, override: true, create: () => spool({ memory, directory: folder }) })],
  });

const large = `Subject: large\r\n\r\n${'x'.repeat(1000)}\r\n`;

async function toData(client: Client): Promise<void> {
  await client.hello();
  for (const line of ['MAIL FROM:<a@client.example>', 'RCPT TO:<b@mx.example>', 'DATA']) await client.command(line);
}

describe.each(ways)('the spool, $name', ({ open }) => {
  it('keeps a small message in memory, and makes no file', async () => {
    const { server, kept } = mailbox();
    const client = await open(spooling(server, 10_000));
    await client.hello();
    await client.mail({ content: large });
    expect(kept).toMatchObject([{ content: large }]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('keeps a large one in a file that nobody else can read', async () => {
    const modes: number[] = [];
    const { server, kept } = mailbox();
    spooling(server).on('message', async (_, next) => {
      for (const name of await files()) modes.push((await stat(join(folder, name))).mode & 0o777);
      return next();
    });
    const client = await open(server);
    await client.hello();
    await client.mail({ content: large });
    expect(kept).toMatchObject([{ content: large }]);
    expect(modes).toEqual([0o600]);
  });

  it('leaves nothing behind once the server is closed', async () => {
    const { server } = mailbox();
    const client = await open(spooling(server));
    await client.hello();
    await client.mail({ content: large });
    await client.command('QUIT');
    await server.close();
    expect(await files()).toEqual([]);
  });
});

/** Ways for a message to end, and what its client is told. */
const ends: Record<string, { readonly code: number; readonly set: (server: Server) => unknown }> = {
  accepted: { code: 250, set: (server) => server.deliver(() => {}) },
  'refused in message': {
    code: 550,
    set: (server) => server.on('message', async () => replies.of(550, '5.7.1', 'No')),
  },
  'refused by a tap': {
    code: 550,
    set: (server) =>
      server.on('body', (ctx) => ({ end: () => ctx.refuse(replies.of(550, '5.7.1', 'No')), write() {} })),
  },
  'lost by a tap that throws': {
    code: 451,
    set: (server) =>
      server.on('body', () => ({
        write() {
          throw new Error('on purpose');
        },
      })),
  },
  'lost by a message stage that throws': {
    code: 451,
    set: (server) => server.on('message', () => Promise.reject(new Error('on purpose'))),
  },
  'lost by a sink that throws': {
    code: 451,
    set: (server) => server.deliver(() => Promise.reject(new Error('on purpose'))),
  },
  'refused by a sink': {
    code: 452,
    set: (server) => server.deliver(() => Promise.reject(new SmtpError(replies.of(452, '4.2.2', 'Full')))),
  },
  'without a sink': { code: 451, set: () => {} },
};

describe.each(ways)('a message in a file leaves none, $name', ({ open }) => {
  it.each(Object.entries(ends))('when it is %s', async (_, { code, set }) => {
    const { server } = bare();
    spooling(server).accept(() => true);
    set(server);
    const client = await open(server);
    await client.hello();
    expect((await client.mail({ content: large })).code).toBe(code);
    await noFiles();
  });

  it('when it is refused for a bare LF', async () => {
    const { server } = mailbox();
    const client = await open(spooling(server));
    await client.hello();
    expect((await client.mail({ content: `${large}\n` })).code).toBe(554);
    await noFiles();
  });

  it.each<[string, (client: Client) => void]>([
    ['says FIN', (client) => client.end()],
    ['vanishes', (client) => client.destroy()],
  ])('when its client %s within it', async (_, leave) => {
    const { server, kept } = mailbox();
    const client = await open(spooling(server));
    await toData(client);
    client.send(large);
    while ((await files()).length === 0) await new Promise(setImmediate);
    leave(client);
    await client.closed();
    await noFiles();
    expect(kept).toEqual([]);
  });

  it('when the server closes within it, and nothing is logged', async () => {
    const { server, log } = mailbox();
    const client = await open(spooling(server));
    await toData(client);
    client.send(large);
    while ((await files()).length === 0) await new Promise(setImmediate);
    await server.close({ deadline: 0 });
    expect(await readdir(folder)).toEqual([]);
    expect(log.records).toEqual([]);
  });
});

/** A store that fails where it is told to. */
function failing(at: 'open' | 'write' | 'finish', code: string): ContentStore {
  const fail = (here: string): void => {
    if (here === at) throw Object.assign(new Error(`${code}: on purpose`), { code });
  };
  const storage: Storage = {
    write: async () => fail('write'),
    finish: async () => fail('finish'),
    read: () => [],
    path: undefined,
    moved() {},
    dispose() {},
  };
  return {
    open: () => {
      fail('open');
      return storage;
    },
  };
}

describe.each(ways)('a store that fails, $name', ({ open }) => {
  it.each([
    ['write', 'ENOSPC', 452, '4.3.1'],
    ['write', 'EDQUOT', 452, '4.3.1'],
    ['write', 'EIO', 451, '4.3.0'],
    ['finish', 'ENOSPC', 452, '4.3.1'],
    ['finish', 'EIO', 451, '4.3.0'],
  ] as const)('in %s with %s is answered %i %s, at the end of data', async (at, error, code, enhanced) => {
    const { server, kept, log } = mailbox();
    const client = await open(server.override(ContentStore, failing(at, error)));
    await client.hello();
    expect(await client.mail({ content: large })).toMatchObject({ code, enhanced });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
    expect(kept).toEqual([]);
    expect(log.records).toMatchObject([{ level: 'error', fields: { err: { code: error } } }]);
  });

  it('to open is answered 451 before the client sends anything', async () => {
    const { server } = mailbox();
    const client = await open(server.override(ContentStore, failing('open', 'EIO')));
    await toData(client);
    expect(client.transcript).toMatch(/451 4\.3\.0 .*\r\n$/);
  });

  it('because its folder is none is answered 451, and the next message too', async () => {
    await writeFile(join(folder, 'file'), '');
    const { server } = mailbox();
    const client = await open(server.override(ContentStore, spool({ memory: 10, directory: join(folder, 'file') })));
    await client.hello();
    for (const _ of [1, 2]) expect(await client.mail({ content: large })).toMatchObject({ code: 451 });
  });

  it('because its folder is not there is answered 451, and the next message 250 once it is', async () => {
    const directory = join(folder, 'later');
    const store = spool({ memory: 10, directory });
    const { server, kept } = mailbox();
    const client = await open(server.override(ContentStore, store));
    await client.hello();
    expect(await client.mail({ content: large })).toMatchObject({ code: 451 });
    await mkdir(directory);
    expect(await client.mail({ content: large })).toMatchObject({ code: 250 });
    expect(kept).toHaveLength(1);
  });
});

describe('content in a file', () => {
  it('is renamed when it is placed, and copied when it is placed again', async () => {
    const { server } = mailbox();
    const how: string[] = [];
    const place = async (content: Content, name: string): Promise<void> => {
      how.push(await content.place(join(folder, name)));
    };
    spooling(server).deliver(async ({ content }) => {
      await place(content, 'one');
      await place(content, 'two');
    });
    const client = await ways[0]!.open(server);
    await client.hello();
    expect(await client.mail({ content: large })).toMatchObject({ code: 250 });
    await client.command('QUIT');
    await server.close();
    expect(how).toEqual(['renamed', 'written']);
    expect((await readdir(folder)).toSorted()).toEqual(['one', 'two']);
    for (const name of ['one', 'two']) expect(await readFile(join(folder, name), 'latin1')).toBe(large);
  });
});

describe.each([
  ['in memory', 10_000_000],
  ['in a file', 10],
])('content %s', (_, memory) => {
  it('replaces nothing where it is placed', async () => {
    const { server } = mailbox();
    let failed: unknown;
    await writeFile(join(folder, 'there'), 'before');
    server.override(ContentStore, spool({ memory, directory: folder })).deliver(async ({ content }) => {
      failed = await content.place(join(folder, 'there')).catch((error: unknown) => error);
    });
    const client = await ways[0]!.open(server);
    await client.hello();
    expect(await client.mail({ content: large })).toMatchObject({ code: 250 });
    expect(failed).toMatchObject({ code: 'EEXIST' });
    expect(await readFile(join(folder, 'there'), 'latin1')).toBe('before');
  });
});

describe('a spool that is disposed before a message of it', () => {
  it('leaves that message nothing to remove', async () => {
    const store = spool({ memory: 10, directory: folder });
    const storage = store.open('one');
    await storage.write(Buffer.from(large));
    await storage.finish();
    expect(await files()).toHaveLength(1);
    await store[Symbol.asyncDispose]();
    await storage.dispose();
    expect(await readdir(folder)).toEqual([]);
  });
});
