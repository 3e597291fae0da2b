import { ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { definePlugin } from './plugin.ts';
import { replies } from './replies.ts';
import { createServer } from './server.ts';

/** OPEN is offered until it was said; SHUT is never offered. */
const doors = definePlugin({
  name: 'doors',
  extensions: { OPEN: { when: ({ helo }) => helo !== 'inside.example' }, SHUT: { when: () => false } },
  verbs: {
    OPEN: {
      extension: 'OPEN',
      when: ({ helo }) => (helo === 'inside.example' ? replies.badSequence : undefined),
      handle: async () => replies.ok,
    },
    SHUT: { extension: 'SHUT', handle: async () => replies.ok },
  },
});

describe.each(ways)('a verb that is not offered, $name', ({ open }) => {
  it('is unknown, or what it says itself of the state', async () => {
    const server = createServer({ hostname: 'mx.example' }).use(doors);
    const client = await open(server);
    await client.reply();
    expect(await client.command('OPEN')).toMatchObject({ code: 500 });
    await client.command('EHLO outside.example');
    expect(await client.command('OPEN')).toMatchObject({ code: 250 });
    expect(await client.command('SHUT')).toMatchObject({ code: 500 });
    await client.command('EHLO inside.example');
    expect(await client.command('OPEN')).toMatchObject({ code: 503 });
    client.destroy();
    await server.close();
  });
});
