import { overTcp, inMemory } from '@maitred/testing';
import type { Client, FakeClock, Way } from '@maitred/testing';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { replies } from '../src/index.ts';
import { mailbox } from './kit.ts';

/** A client whose greeting waits five seconds for it to speak too early. */
async function waiting({ open }: Way): Promise<{ client: Client; clock: FakeClock; heard: readonly boolean[] }> {
  const { server, clock } = mailbox();
  const heard: boolean[] = [];
  server.on('connect', async (ctx, next) => {
    heard.push(await ctx.spoke(5000));
    return heard.includes(true) ? replies.closing(replies.of(554, '5.5.0', 'Too early')) : next();
  });
  const client = await open(server);
  for (let n = 0; n < 20; n += 1) await turn();
  return { client, clock, heard };
}

describe.each([inMemory, overTcp])('spoke, $name', (way) => {
  it('is false for a client that waits for its turn, after that time', async () => {
    const { client, clock, heard } = await waiting(way);
    await clock.advance(4999);
    expect(heard).toEqual([]);
    await clock.advance(1);
    expect(heard).toEqual([false]);
    expect(await client.hello()).toMatchObject({ code: 250 });
  });

  it('is true as soon as a client speaks out of turn', async () => {
    const { client, heard } = await waiting(way);
    client.send('EHLO client.example\r\n');
    expect(await client.reply()).toMatchObject({ code: 554 });
    expect(heard).toEqual([true]);
    expect(await client.closed()).toBe('');
  });

  it.each<[string, (client: Client) => void]>([
    ['goes', (client) => client.destroy()],
    ['says no more', (client) => client.end()],
  ])('is false at once when the client %s', async (_, leave) => {
    const { client, heard } = await waiting(way);
    leave(client);
    await client.closed();
    for (let n = 0; n < 20 && heard.length === 0; n += 1) await turn();
    expect(heard).toEqual([false]);
  });

  it('leaves what was said for whoever reads it', async () => {
    const { server } = mailbox({ talkingAhead: 'allow' });
    const heard: boolean[] = [];
    server.on('connect', async (ctx, next) => {
      heard.push(await ctx.spoke(5000), await ctx.spoke(5000));
      return next();
    });
    const client = await way.open(server);
    client.send('EHLO client.example\r\nNOOP\r\n');
    for (const code of [220, 250, 250]) expect(await client.reply()).toMatchObject({ code });
    expect(heard).toEqual([true, true]);
  });

  it('tells in any stage whether the client is there already', async () => {
    const { server, clock } = mailbox();
    const heard: boolean[] = [];
    server.on('mail', async (ctx, next) => {
      heard.push(await ctx.spoke(0));
      return next();
    });
    const client = await way.open(server);
    await client.hello();
    client.send('MAIL FROM:<a@client.example>\r\nRSET\r\nMAIL FROM:<a@client.example>\r\n');
    for (let n = 0; n < 3; n += 1) expect(await client.reply()).toMatchObject({ code: 250 });
    expect([heard, clock.now() > 0]).toEqual([[true, false], true]);
  });
});
