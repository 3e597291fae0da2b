import { ways } from '@maitred/testing';
import type { Client } from '@maitred/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { replies } from './replies.ts';
import { createServer } from './server.ts';
import type { Server } from './server.ts';

let server: Server;
let refused: Promise<void>;

/** Refuses every message with its first octets, and reads `drain` more. */
function refusing(drain?: number): Server {
  let tell: () => void;
  refused = new Promise((resolve) => {
    tell = resolve;
  });
  return (server = createServer({ hostname: 'mx.example' })
    .accept(() => true)
    .deliver(() => {})
    .on('body', (ctx) => ({
      write: () => {
        ctx.refuse(replies.of(552, '5.3.4', 'No'), drain === undefined ? {} : { drain });
        tell();
      },
    })));
}

async function atContent(client: Client): Promise<void> {
  await client.hello();
  await client.command('MAIL FROM:<a@client.example>');
  await client.command('RCPT TO:<b@server.example>');
  await client.command('DATA');
}

afterEach(() => server.close());

describe.each(ways)('a refused body, $name', ({ open }) => {
  it('is read to its end, where the client hears of it', async () => {
    const client = await open(refusing());
    await atContent(client);
    client.send('x');
    await refused;
    client.send('x'.repeat(1000));
    expect(await client.command('\r\n.')).toMatchObject({ code: 552 });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
  });

  it('is read to its end within what its refuser drains', async () => {
    const client = await open(refusing(1002));
    await atContent(client);
    client.send('x');
    await refused;
    client.send('x'.repeat(1000));
    expect(await client.command('\r\n.')).toMatchObject({ code: 552 });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
  });

  it('ends the connection beyond what its refuser drains, without waiting for its end', async () => {
    const client = await open(refusing(100));
    await atContent(client);
    client.send('x');
    await refused;
    client.send('x'.repeat(101));
    expect(await client.reply()).toMatchObject({ code: 552 });
    expect(await client.closed()).toBe('');
  });

  it('ends the connection at once where nothing is left to drain', async () => {
    const client = await open(refusing(-1));
    await atContent(client);
    client.send('x');
    expect(await client.reply()).toMatchObject({ code: 552 });
    expect(await client.closed()).toBe('');
  });
});
