import { definePlugin, Identity, on, replies, type Plugin } from '@maitred/core';
import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { house, plainly } from '../test/house.ts';
import { Auth } from './stages.ts';

const good = plainly('ann', 'secret');
const bad = plainly('ann', 'guess');

describe.each(ways)('the identity $name', ({ open }) => {
  it('is nobody’s when a ring outside takes the 235 back', async () => {
    const { server } = house();
    server.on('command', async (ctx, next) => {
      const reply = await next();
      return ctx.command.verb === 'AUTH' ? replies.of(454, '4.7.0', 'Not today') : reply;
    });
    const client = await open(server);
    await client.hello();
    await script(
      client,
      `C: AUTH PLAIN ${good}
       S: 454 4.7.0 Not today
       C: WHO
       S: 250 nobody
       C: AUTH PLAIN ${good}
       S: 454`,
    );
  });
});

describe.each(ways)('the auth stage $name', ({ open }) => {
  it('is run around the exchange, and learns in it who claims and who is', async () => {
    const seen: unknown[] = [];
    const { server } = house();
    server.on(Auth, async (ctx, next) => {
      seen.push({ ...ctx.attempt }, ctx.remote.address);
      const { code } = await next();
      seen.push(code, { ...ctx.attempt });
      return replies.of(code, undefined, 'seen');
    });
    const client = await open(server);
    await client.hello();
    expect(await client.command(`AUTH PLAIN ${bad}`)).toMatchObject({ code: 535, text: 'seen' });
    expect(await client.command(`AUTH PLAIN ${good}`)).toMatchObject({ code: 235, text: 'seen' });
    const [first, second] = [1, 2].map((number) => ({ mechanism: 'PLAIN', number }));
    expect(seen).toMatchObject([
      { ...first, claimed: undefined, identity: undefined },
      '127.0.0.1',
      535,
      { ...first, claimed: 'ann', identity: undefined },
      { ...second, claimed: undefined },
      '127.0.0.1',
      235,
      { ...second, claimed: 'ann', identity: 'ann' },
    ]);
  });

  it('can refuse without any work, or what was proven', async () => {
    const { server } = house();
    const locked = replies.of(454, '4.7.0', 'Too many attempts');
    server.on(Auth, async (ctx, next) => (ctx.attempt.mechanism === 'LOGIN' ? locked : next()));
    server.on(Auth, async (ctx, next) => {
      await next();
      return ctx.attempt.identity === 'ann' ? locked : replies.of(535, '5.7.8', 'Who?');
    });
    const client = await open(server);
    await client.hello();
    await script(
      client,
      `C: AUTH LOGIN
       S: 454 4.7.0 Too many attempts
       C: AUTH PLAIN ${good}
       S: 454 4.7.0 Too many attempts
       C: AUTH PLAIN ${bad}
       S: 535 5.7.8 Who?
       C: WHO
       S: 250 nobody`,
    );
  });

  it('cannot let in who proved nothing', async () => {
    const { server } = house();
    server.on(Auth, async (_ctx, next) => {
      await next();
      return replies.of(235, '2.7.0', 'Come in');
    });
    const client = await open(server);
    await client.hello();
    await script(
      client,
      `C: AUTH PLAIN ${bad}
       S: 535 5.7.8 Authentication credentials invalid
       C: WHO
       S: 250 nobody`,
    );
  });

  it('is hooked by plugins that name it', async () => {
    const notes: number[] = [];
    const noting: Plugin = definePlugin({
      name: 'noting',
      optional: [Auth, Identity],
      on: [
        on(Auth, async (_ctx, next) => {
          const reply = await next();
          notes.push(reply.code);
          return reply;
        }),
      ],
    });
    const { server } = house({}, noting);
    expect(server.describe().stages['auth']).toEqual(['noting']);
    const client = await open(server);
    await client.hello();
    await client.command(`AUTH PLAIN ${good}`);
    expect(notes).toEqual([235]);
  });
});
