import { replies, type CloseCause, type Plugin } from '@maitred/core';
import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { atrn } from './atrn.ts';
import { Gate } from './gate.ts';
import { queue, speaks } from './queue.ts';
import { inbox } from './receiver.ts';

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

  it('hands over what a client sent before it shut its side down', async () => {
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
    client.send('220 client.example\r\n250 client.example\r\n');
    client.end();
    for (let turn = 0; turn < 20; turn++) await rig.clock.advance(1);
    sent.open();
    await script(client, 'S: 250');
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
