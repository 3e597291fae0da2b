import { key, replies, service, type CloseCause, type Key, type Plugin } from '@maitred/core';
import { inMemory, overTcp, script, ways } from '@maitred/testing';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { atrn, Waiting } from './atrn.ts';
import { Gate } from './gate.ts';
import { inbox } from './receiver.ts';

type Deliver = Waiting['deliver'];

/** Mail waits for one domain; `deliver` hands it over. */
function queue(deliver: Deliver, ended: CloseCause[] = []): Plugin {
  return {
    name: 'queue',
    services: [
      service({ token: Waiting, create: () => ({ has: async (domain) => domain === 'client.example', deliver }) }),
    ],
    stages: { close: ({ cause }) => void ended.push(cause) },
  };
}

/** The next line; what follows it stays in the stream. */
async function line(stream: Duplex): Promise<string> {
  let read = '';
  for (let end = -1; end < 0; end = read.indexOf('\r\n')) {
    const octets = stream.read() as Buffer | null;
    if (octets === null) await once(stream, 'readable');
    else read += octets.toString();
  }
  const end = read.indexOf('\r\n') + 2;
  if (end < read.length) stream.unshift(Buffer.from(read.slice(end)));
  return read.slice(0, end);
}

const speaks: Deliver = async (_domain, stream) => {
  const greeting = await line(stream);
  stream.write(`EHLO mx.example after ${greeting}`);
  const reply = await line(stream);
  stream.write(`QUIT after ${reply}`);
};

describe.each(ways)('ATRN, $name', ({ open }) => {
  it('reverses the roles after its 250, and ends the connection when that is done', async () => {
    const ended: CloseCause[] = [];
    await using rig = inbox([atrn(), queue(speaks, ended)]);
    const client = await open(rig.server);
    await client.hello();
    await script(client, 'C: ATRN client.example\nS: 250 OK now reversing the connection');
    client.send('220 client.example\r\n');
    client.send('250 client.example\r\n');
    expect(await client.closed()).toBe('EHLO mx.example after 220 client.example\r\nQUIT after 250 client.example\r\n');
    await rig[Symbol.asyncDispose]();
    expect(ended).toEqual(['taken-over']);
  });

  it('hands over all that was sent before the roles were reversed', async () => {
    const [answered, sent] = [new Gate(), new Gate()];
    const waits: Plugin = {
      name: 'waits',
      stages: {
        command: async (ctx, next) => {
          const reply = await next();
          if (ctx.command.verb !== 'ATRN') return reply;
          answered.open();
          await sent.opened;
          return reply;
        },
      },
    };
    await using rig = inbox([atrn(), queue(speaks), waits]);
    const client = await open(rig.server);
    await client.hello();
    client.send('ATRN client.example\r\n');
    await answered.opened;
    for (const piece of ['220 cl', 'ient.exa', 'mple\r\n']) {
      client.send(piece);
      await rig.clock.advance(1);
    }
    sent.open();
    await script(client, 'S: 250');
    client.send('250 client.example\r\n');
    expect(await client.closed()).toBe('EHLO mx.example after 220 client.example\r\nQUIT after 250 client.example\r\n');
  });

  it.each([
    ['there is no mail', 'C: ATRN other.example', 453],
    ['a transaction is open', 'C: MAIL FROM:<>\nS: 250\nC: ATRN client.example', 503],
  ])('goes on as before where %s', async (_, said, code) => {
    await using rig = inbox([atrn(), queue(speaks)]);
    const client = await open(rig.server);
    await client.hello();
    await script(client, `${said}\nS: ${code}\nC: NOOP\nS: 250`);
  });

  it('reverses nothing where a ring refused it', async () => {
    const ring: Plugin = {
      name: 'ring',
      stages: { command: async (ctx, next) => (await next(), ctx.command.verb === 'ATRN' ? no : ok) },
    };
    const [no, ok] = [replies.of(450, undefined, 'Later'), replies.ok];
    await using rig = inbox([atrn(), queue(speaks), ring]);
    const client = await open(rig.server);
    await script(client, 'S: 220\nC: EHLO x\nS: 250\nC: ATRN client.example\nS: 450\nC: NOOP\nS: 250');
  });

  it('is over, in the log by its name, where it fails', async () => {
    const ended: CloseCause[] = [];
    await using rig = inbox([atrn(), queue(() => Promise.reject(new Error('no route')), ended)]);
    const client = await open(rig.server);
    await client.hello();
    await script(client, 'C: ATRN client.example\nS: 250');
    expect(await client.closed()).toBe('');
    await rig[Symbol.asyncDispose]();
    expect(ended).toEqual(['taken-over']);
    expect(rig.log.records).toMatchObject([{ level: 'error', fields: { plugin: 'atrn' } }]);
  });
});

describe.each([inMemory, overTcp])('what was written last, $name', ({ open }) => {
  it('is not lost, however much it is', async () => {
    const much = 'x'.repeat(1_000_000);
    await using rig = inbox([atrn(), queue(async (_domain, stream) => void stream.write(much))]);
    const client = await open(rig.server);
    await client.hello();
    await script(client, 'C: ATRN client.example\nS: 250');
    expect((await client.closed()).length).toBe(much.length);
  });
});

describe('a socket that was taken over', () => {
  it('is nobody’s to time: it ends when it is done', async () => {
    let aborted = false;
    const deliver: Deliver = async (_domain, stream, signal) => {
      signal.addEventListener('abort', () => (aborted = true));
      await line(stream);
      stream.write('done\r\n');
    };
    await using rig = inbox([atrn(), queue(deliver)]);
    const client = await inMemory.open(rig.server);
    await client.hello();
    await script(client, 'C: ATRN client.example\nS: 250');
    await rig.clock.advance(10_000_000);
    expect(aborted).toBe(false);
    client.send('220 client.example\r\n');
    expect(await client.closed()).toBe('done\r\n');
  });

  it('is told of a shutdown, and ends', async () => {
    const reasons: string[] = [];
    const deliver: Deliver = (_domain, _stream, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          reasons.push((signal.reason as Error).message);
          resolve();
        });
      });
    await using rig = inbox([atrn(), queue(deliver)]);
    const client = await inMemory.open(rig.server);
    await client.hello();
    await script(client, 'C: ATRN client.example\nS: 250');
    await rig.clock.advance(0);
    await rig.server.close({ deadline: 0 });
    expect(reasons).toEqual(['the server closed']);
    expect(await client.closed()).toBe('');
  });

  it('does not keep the server from closing when it does not listen', async () => {
    await using rig = inbox([atrn(), queue(() => new Promise(() => {}))]);
    const client = await inMemory.open(rig.server);
    await client.hello();
    await script(client, 'C: ATRN client.example\nS: 250');
    await rig.clock.advance(0);
    await rig[Symbol.asyncDispose]();
    expect(await client.closed()).toBe('');
  });

  it('is told when the client goes', async () => {
    const heard: string[] = [];
    const deliver: Deliver = (_domain, stream, signal) =>
      new Promise((resolve) => {
        stream.resume();
        signal.addEventListener('abort', () => {
          heard.push('gone');
          resolve();
        });
      });
    await using rig = inbox([atrn(), queue(deliver)]);
    const client = await inMemory.open(rig.server);
    await client.hello();
    await script(client, 'C: ATRN client.example\nS: 250');
    await rig.clock.advance(0);
    client.destroy();
    await rig.clock.advance(1000);
    expect(heard).toEqual(['gone']);
  });

  it('has no session any more', async () => {
    const Of: Key<string, 'session'> = key('test:session', 'session');
    const told: (string | undefined)[] = [];
    const witness: Plugin = {
      name: 'witness',
      provides: [Of],
      stages: { close: (ctx) => void told.push(ctx.get(Of), ctx.cause) },
    };
    await using rig = inbox([atrn(), queue(async () => {}), witness]);
    const client = await inMemory.open(rig.server);
    await client.hello();
    await script(client, 'C: ATRN client.example\nS: 250');
    await client.closed();
    await rig[Symbol.asyncDispose]();
    expect(told).toEqual([undefined, 'taken-over']);
  });
});
