import { ways } from '@maitred/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { Command } from './context.ts';
import { createServer } from './server.ts';
import type { Server } from './server.ts';

let server: Server;

/** What each command says of itself; EHLO is answered only when the client has talked on. */
const listening = (seen: string[]): Server =>
  (server = createServer({ hostname: 'mx.example', talkingAhead: 'allow' })
    .on('command', (ctx, next) => {
      seen.push(`${ctx.command.verb} ${ctx.command.ahead satisfies Command['ahead']}`);
      return next();
    })
    .on('helo', async (ctx, next) => {
      if (ctx.helo === 'hasty.example') await ctx.spoke(1000);
      return next();
    })
    .on('mail', async (ctx, next) => {
      await ctx.spoke(1000);
      return next();
    }));

afterEach(() => server.close());

describe.each(ways)('command.ahead, $name', ({ open }) => {
  it('is no for a client that waits', async () => {
    const seen: string[] = [];
    const client = await open(listening(seen));
    await client.hello();
    await client.command('NOOP');
    await client.command('QUIT');
    expect(seen).toEqual(['EHLO no', 'NOOP no', 'QUIT no']);
  });

  it('is in-group within a group', async () => {
    const seen: string[] = [];
    const client = await open(listening(seen));
    await client.hello();
    client.send('MAIL FROM:<a@client.example>\r\nRSET\r\n');
    await client.reply();
    await client.reply();
    expect(seen).toEqual(['EHLO no', 'MAIL no', 'RSET in-group']);
  });

  it('is out-of-turn behind a command that must end a group, until the client waits', async () => {
    const seen: string[] = [];
    const client = await open(listening(seen));
    await client.reply();
    client.send('EHLO hasty.example\r\nMAIL FROM:<a@client.example>\r\nRSET\r\n');
    for (let count = 0; count < 3; count += 1) await client.reply();
    await client.command('NOOP');
    client.send('MAIL FROM:<a@client.example>\r\nRSET\r\n');
    for (let count = 0; count < 2; count += 1) await client.reply();
    expect(seen).toEqual(['EHLO no', 'MAIL out-of-turn', 'RSET out-of-turn', 'NOOP no', 'MAIL no', 'RSET in-group']);
  });
});
