import { key, replies, type Key, type Plugin } from '@maitred/core';
import { inMemory, overTcp, script } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { atrn } from './atrn.ts';
import { line, queue, type Deliver } from './queue.ts';
import { inbox } from './receiver.ts';

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

  it('hears nothing of ours at a shutdown, not even within a transaction', async () => {
    const taker: Plugin = {
      name: 'taker',
      verbs: {
        XTAKE: {
          handle: (verb) => {
            verb.after((powers) => powers.takeOver(() => new Promise(() => {})));
            return replies.ok;
          },
        },
      },
    };
    await using rig = inbox(taker);
    const client = await overTcp.open(rig.server);
    await client.hello();
    await script(client, 'C: MAIL FROM:<a@client.example>\nS: 250\nC: XTAKE\nS: 250');
    await rig.clock.advance(0);
    const closing = rig.server.close({ deadline: 0 });
    await rig.clock.advance(10_000);
    await closing;
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
