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

/** Three taps that note what they are told; the second refuses in `where`. */
function tapped(where: 'write' | 'end', told: string[]): Server {
  server = createServer({ hostname: 'mx.example' })
    .accept(() => true)
    .deliver(() => {});
  for (const name of ['first', 'second', 'third']) {
    server.on('body', (ctx) => {
      const tell = (what: string): void => {
        if (told.at(-1) !== `${name} ${what}`) told.push(`${name} ${what}`);
        if (name === 'second' && what === where) ctx.refuse(replies.of(554, '5.7.1', 'No'));
      };
      return { write: () => tell('write'), end: () => tell('end'), abort: () => tell('abort') };
    });
  }
  return server;
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

describe.each(ways)('the other taps of a refused body, $name', ({ open }) => {
  it('are told once, and write and end no more', async () => {
    const told: string[] = [];
    const client = await open(tapped('write', told));
    await client.hello();
    expect(await client.mail()).toMatchObject({ code: 554 });
    expect(told).toEqual(['first write', 'second write', 'first abort', 'second abort', 'third abort']);
  });

  it('are not told after their end', async () => {
    const told: string[] = [];
    const client = await open(tapped('end', told));
    await client.hello();
    expect(await client.mail()).toMatchObject({ code: 554 });
    expect(told.slice(-3)).toEqual(['first end', 'second end', 'third abort']);
  });
});
