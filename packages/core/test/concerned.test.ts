import { ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import type { Hook, Middleware } from '../src/index.ts';
import { bare, mailbox } from './kit.ts';

const mails = ['MAIL FROM:<a@client.example>', 'RSET', 'MAIL FROM:<>', 'RSET'];

describe.each(ways)('a hook that says when it is concerned, $name', ({ open }) => {
  it('runs then, and is not there else', async () => {
    const { server } = mailbox();
    const ran: string[] = [];
    const note =
      (what: string): Middleware<{ readonly sender: { readonly mailbox: string } }> =>
      async (ctx, next) => {
        ran.push(`${what} ${ctx.sender.mailbox}`);
        return next();
      };
    server.on('mail', { when: (ctx) => ctx.sender.mailbox === '', handle: note('bounce') });
    server.on('mail', { order: 'pre', handle: note('any') });
    const client = await open(server);
    await client.hello();
    for (const line of mails) expect(await client.command(line)).toMatchObject({ code: 250 });
    expect(ran).toEqual(['any a@client.example', 'any ', 'bounce ']);
  });

  it.each(['connect', 'helo', 'mail', 'rcpt', 'data', 'message', 'command'] as const)(
    'can do so in %s',
    async (stage) => {
      const { server, kept } = mailbox();
      const never: Hook<unknown> = { when: () => false, handle: () => Promise.reject(new Error('not concerned')) };
      let always = 0;
      const every: Hook<unknown> = { when: () => true, handle: async (_, next) => ((always += 1), next()) };
      server.on(stage, never).on(stage, every);
      const client = await open(server);
      await client.hello();
      expect(await client.mail()).toMatchObject({ code: 250 });
      expect(kept).toHaveLength(1);
      expect(always).toBeGreaterThan(0);
    },
  );

  it('answers 451 and names the plugin where the saying fails', async () => {
    const { server, log } = bare();
    server.use({
      name: 'unsure',
      stages: {
        mail: {
          when: () => {
            throw new Error('on purpose');
          },
          handle: (_, next) => next(),
        },
      },
    });
    const client = await open(server);
    await client.hello();
    expect(await client.command('MAIL FROM:<a@client.example>')).toMatchObject({ code: 451 });
    expect(log.records).toMatchObject([{ message: 'unsure failed in mail' }]);
  });
});
