import { ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { definePlugin, replies } from '../src/index.ts';
import { mailbox } from './kit.ts';

/** A verb that reads one line more, within three seconds. */
const asking = definePlugin({
  name: 'asking',
  verbs: {
    ASK: {
      handle: async (verb) => {
        await verb.prompt(replies.of(334, undefined, ''));
        return replies.of(250, undefined, `You said ${await verb.readLine({ limit: 20, deadline: 3000 })}`);
      },
    },
  },
});

describe.each(ways)('a line that a verb reads, $name', ({ open }) => {
  it('comes within its deadline', async () => {
    const { server, clock } = mailbox();
    const client = await open(server.use(asking));
    await client.hello();
    expect(await client.command('ASK')).toMatchObject({ code: 334 });
    client.send('this ');
    await clock.advance(2000);
    expect(await client.command('much')).toMatchObject({ code: 250, text: 'You said this much' });
  });

  it('is waited for no longer, trickled or not', async () => {
    const { server, clock, log } = mailbox();
    const client = await open(server.use(asking));
    await client.hello();
    await client.command('ASK');
    for (let second = 0; second < 5; second += 1) {
      client.send('x');
      await clock.advance(1000);
    }
    expect(await client.reply()).toMatchObject({ code: 421, enhanced: '4.4.2' });
    expect(await client.closed()).toBe('');
    expect(log.records).toEqual([]);
  });

  it('that is too long is refused, and its tail is no command', async () => {
    const { server } = mailbox();
    const client = await open(server.use(asking));
    await client.hello();
    await client.command('ASK');
    client.send(`${'x'.repeat(30)} NOOP\r\nNOOP\r\n`);
    expect(await client.reply()).toMatchObject({ code: 500, enhanced: '5.5.6' });
    expect(await client.reply()).toMatchObject({ code: 250 });
  });
});
