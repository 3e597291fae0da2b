import { ContentStore } from '@maitred/core';
import { ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { size } from '../src/index.ts';
import { octets, receiver } from './receiver.ts';

describe.each(ways)('a message that grows too large, $name', ({ open }) => {
  it('gets 552 after the final dot, and the session goes on', async () => {
    await using r = receiver(size({ maximum: 1000 }));
    const client = await open(r.server);
    await client.hello();
    expect(await client.mail({ content: octets(1001) })).toMatchObject({
      code: 552,
      text: 'Message too large: at most 1000 octets',
    });
    expect(await client.mail({ parameters: 'SIZE=10', content: octets(3000) })).toMatchObject({ code: 552 });
    expect(await client.mail({ content: 'Subject: small\r\n' })).toMatchObject({ code: 250 });
    expect(r.kept).toEqual([expect.stringContaining('Subject: small')]);
  });

  it('gets 552 also from a client that said HELO', async () => {
    await using r = receiver(size({ maximum: 1000 }));
    const client = await open(r.server);
    await client.reply();
    await client.command('HELO client.example');
    expect(await client.mail({ content: octets(1001) })).toMatchObject({ code: 552 });
  });

  it('is counted as it is, not as it is dot-stuffed', async () => {
    await using r = receiver(size({ maximum: 1000 }));
    const client = await open(r.server);
    await client.hello();
    expect(await client.mail({ content: '.\r\n'.repeat(333) })).toMatchObject({ code: 250 });
  });

  it('is freed, and nothing is stored beyond the largest size', async () => {
    let stored = 0;
    let freed = false;
    await using r = receiver(size({ maximum: 1000 }));
    r.server.override(ContentStore, {
      open: () => ({
        write: (chunk) => void (stored += chunk.length),
        finish() {},
        read: () => [],
        path: undefined,
        moved() {},
        dispose: () => void (freed = true),
      }),
    });
    const client = await open(r.server);
    await client.hello();
    expect(await client.mail({ content: octets(3000) })).toMatchObject({ code: 552 });
    expect(stored).toBeLessThanOrEqual(1000);
    expect(freed).toBe(true);
  });

  it('ends the connection when it grows beyond the hard cap', async () => {
    await using r = receiver(size({ maximum: 1000, hardCap: 2000 }));
    const client = await open(r.server);
    await client.hello();
    await client.command('MAIL FROM:<a@client.example>');
    await client.command('RCPT TO:<b@server.example>');
    await client.command('DATA');
    client.send('x'.repeat(2001));
    expect(await client.reply()).toMatchObject({ code: 552 });
    expect(await client.closed()).toBe('');
    expect(r.kept).toEqual([]);
  });

  it('is read to its end up to the hard cap, by default four times the largest size', async () => {
    await using r = receiver(size({ maximum: 1000 }));
    const client = await open(r.server);
    await client.hello();
    expect(await client.mail({ content: octets(4000) })).toMatchObject({ code: 552 });
    expect(await client.mail({ content: octets(4001) })).toMatchObject({ code: 552 });
    expect(await client.closed()).toBe('');
  });
});
