import { ways } from '@maitred/testing';
import type { Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { replies } from '../src/index.ts';
import { mailbox } from './kit.ts';

const mail = 'MAIL FROM:<a@client.example>';
const rcpt = 'RCPT TO:<b@mx.example>';
const no = replies.of(550, '5.7.1', 'No');

/** Whatever ends a transaction, and why its signal says it did. */
const ends: Record<string, { readonly act: (client: Client) => Promise<unknown>; readonly cause: string }> = {
  RSET: { act: (client) => client.command('RSET'), cause: 'RSET' },
  'a new greeting': { act: (client) => client.command('EHLO client.example'), cause: 'a new greeting' },
  'an accepted message': {
    act: async (client) => {
      await client.command(rcpt);
      await client.command('DATA');
      await client.command('.');
    },
    cause: 'its message was answered',
  },
  QUIT: { act: (client) => client.command('QUIT'), cause: 'the connection ended' },
  'a client that vanishes': { act: async (client) => client.destroy(), cause: 'the client is gone' },
};

describe.each(ways)('a transaction, $name', ({ open }) => {
  it.each(Object.entries(ends))('tells who works for it that it was ended by %s', async (_, { act, cause }) => {
    const { server } = mailbox();
    let ended: AbortSignal | undefined;
    server.on('mail', async (ctx, next) => {
      ended = ctx.ended;
      return next();
    });
    const client = await open(server);
    await client.hello();
    await client.command(mail);
    expect(ended?.aborted).toBe(false);
    const told = new Promise((resolve) => {
      ended?.addEventListener('abort', resolve);
    });
    await act(client);
    await told;
    expect(ended?.reason).toMatchObject({ message: cause });
  });

  it('is over when MAIL is refused, by a layer inside or outside', async () => {
    const { server } = mailbox();
    const seen: AbortSignal[] = [];
    const outer = replies.of(451, '4.7.1', 'Later');
    server.use({
      name: 'later',
      stages: {
        mail: async (ctx, next) => {
          seen.push(ctx.ended);
          return seen.length === 1 ? no : next();
        },
        command: async (ctx, next) => {
          const reply = await next();
          return ctx.command.verb === 'MAIL' ? outer : reply;
        },
      },
    });
    const client = await open(server);
    await client.hello();
    expect(await client.command(mail)).toMatchObject({ code: 451 });
    expect(await client.command(mail)).toMatchObject({ code: 451 });
    expect(seen.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  it('is over as soon as the client is gone, though a stage still runs', async () => {
    const { server } = mailbox();
    let heard = 'nothing';
    let entered: (() => void) | undefined;
    const running = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const settled = new Promise<void>((resolve) => {
      server.on('rcpt', async (ctx, next) => {
        entered?.();
        await new Promise((stop) => {
          ctx.ended.addEventListener('abort', stop);
        });
        heard = (ctx.ended.reason as Error).message;
        resolve();
        return next();
      });
    });
    const client = await open(server);
    await client.hello();
    await client.command(mail);
    client.send(`${rcpt}\r\n`);
    await running;
    client.destroy();
    await settled;
    expect(heard).toBe('the client is gone');
  });

  it('says that it is over to who asks only then', async () => {
    const { server } = mailbox();
    let late: (() => AbortSignal) | undefined;
    server.on('mail', async (ctx, next) => {
      late = () => ctx.ended;
      return next();
    });
    const client = await open(server);
    await client.hello();
    await client.command(mail);
    await client.command('RSET');
    expect(late?.().aborted).toBe(true);
  });
});
