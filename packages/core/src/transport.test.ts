import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import {
  clientOn,
  type FakeClock,
  fakeClock,
  inMemory,
  memoryLog,
  memoryPair,
  overTcp,
  selfSigned,
  ways,
} from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { Clock } from './clock.ts';
import type { CloseCause, Command } from './context.ts';
import { Log } from './log.ts';
import { definePlugin, type Verb } from './plugin.ts';
import { replies } from './replies.ts';
import { createServer, type Server, type ServerOptions } from './server.ts';
import type { TlsSettings } from './transport.ts';
import type { Reply } from './wire/reply.ts';

interface House {
  readonly server: Server;
  readonly clock: FakeClock;
  readonly causes: readonly CloseCause[];
  readonly turns: readonly string[];
  readonly levels: () => string[];
}

/** A server with a verb that starts TLS, and what it notes. */
function house(tls: TlsSettings, options: Partial<ServerOptions> = {}): House {
  const log = memoryLog();
  const clock = fakeClock();
  const causes: CloseCause[] = [];
  const turns: string[] = [];
  const handle = async (verb: Verb): Promise<Reply> => {
    verb.after((powers) => powers.upgrade(tls));
    return replies.ok;
  };
  const server = createServer({ hostname: 'mx.example', ...options })
    .override(Log, log)
    .override(Clock, clock)
    .use(definePlugin({ name: 'tls', verbs: { TLS: { handle } } }))
    .on('command', (ctx, next) => {
      turns.push(`${ctx.command.verb} ${ctx.command.ahead satisfies Command['ahead']}`);
      return next();
    })
    .on('close', ({ cause }) => void causes.push(cause));
  const levels = (): string[] => log.records.map(({ level, message }) => `${level}: ${message}`);
  return { server, clock, causes, turns, levels };
}

const settings = selfSigned('mx.example');

describe.each(ways)('a TLS handshake, $name', ({ open }) => {
  it('that fails is noted, not an alarm, and loses the client', async () => {
    const { server, causes, levels } = house(settings);
    const client = await open(server);
    await client.reply();
    await client.command('TLS');
    client.send('no handshake'.repeat(10));
    await client.closed();
    await server.close();
    expect(causes).toEqual(['lost']);
    expect(levels()).toEqual(['info: the TLS handshake failed']);
  });

  it('that takes too long ends at its deadline', async () => {
    const { server, clock, causes, levels } = house(settings, { deadlines: { handshake: 7000 } });
    const client = await open(server);
    await client.reply();
    await client.command('TLS');
    await clock.advance(8000);
    await client.closed();
    await server.close();
    expect(causes).toEqual(['timeout']);
    expect(levels()).toEqual(['info: the TLS handshake failed']);
  });

  it('that the server has no settings for is a fault', async () => {
    const { server, causes, levels } = house(() => {
      throw new Error('no certificate');
    });
    const client = await open(server);
    await client.reply();
    await client.command('TLS');
    await client.closed();
    await server.close();
    expect(causes).toEqual(['error']);
    expect(levels()).toEqual(['error: tls failed in after']);
  });
});

// Octet by octet the verb's line ends before more is there: what comes then is the handshake's.
describe.each([inMemory, overTcp])('input pending at a TLS handshake, $name', ({ open }) => {
  it('is neither executed nor held against the client', async () => {
    const { server, turns } = house(settings);
    const client = await open(server);
    await client.reply();
    client.send('TLS\r\nMAIL FROM:<mallory@client.example>\r\n');
    await client.reply();
    await client.secure();
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
    client.end();
    await server.close();
    expect(turns).toEqual(['TLS no', 'NOOP no']);
  });
});

describe('a TLS session', () => {
  it('ends with the first record that is none, though the client stays', async () => {
    const { server, causes, turns } = house(settings);
    const [at] = await server.listen({ host: '127.0.0.1' });
    const wire = connect({ host: '127.0.0.1', port: at?.port ?? 0, allowHalfOpen: true });
    // The client leaves when it's told of the record; somebody between keeps that to himself.
    const [ours, theirs] = memoryPair();
    theirs.pipe(wire, { end: false });
    wire.pipe(theirs);
    const client = clientOn(ours);
    await client.reply();
    await client.command('TLS');
    await client.secure();
    await client.command('NOOP');
    wire.write('MAIL FROM:<mallory@client.example>\r\n');
    await once(wire, 'end');
    await server.close();
    expect(causes).toEqual(['lost']);
    expect(turns).toEqual(['TLS no', 'NOOP no']);
  });
});

/** The greeting's code, whether the session was resumed, and the sessions to come back with. */
async function visit(port: number, options: ConnectionOptions): Promise<[string, boolean, Buffer[]]> {
  const sessions: Buffer[] = [];
  const client = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  client.on('session', (session: Buffer) => sessions.push(session));
  const [greeting] = (await once(client, 'data')) as [Buffer];
  const reused = client.isSessionReused();
  client.end('QUIT\r\n').resume();
  await once(client, 'close');
  return [greeting.toString().slice(0, 3), reused, sessions];
}

describe('a client that comes back with its last TLS session', () => {
  const mine = selfSigned('client.example');

  it.each([
    ['TLSv1.2', {}],
    ['TLSv1.3', {}],
    ['TLSv1.2', { requestCert: true, ca: mine.cert }],
    ['TLSv1.3', { requestCert: true, ca: mine.cert }],
  ] as const)('shakes hands in full, on each listener: %s %o', async (maxVersion, more) => {
    const server = createServer({ hostname: 'mx.example' });
    const tls = { ...settings, ...more };
    const bound = await server.listen({ host: '127.0.0.1', tls }, { host: '127.0.0.1', tls });
    const options = { maxVersion, ...mine };
    const [, , sessions] = await visit(bound[0]?.port ?? 0, options);
    expect(sessions.length).toBeGreaterThan(0);
    for (const session of sessions) {
      for (const { port } of bound) {
        expect((await visit(port, { ...options, session })).slice(0, 2)).toEqual(['220', false]);
      }
    }
    await server.close();
  });
});
