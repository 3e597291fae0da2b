import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Server } from '@maitred/core';
import { octetByOctet, script, ways } from '@maitred/testing';
import type { Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { receiver } from '../test/receiver.ts';
import { pipelining } from './pipelining.ts';

const from = 'MAIL FROM:<a@client.example>';

/** The ways by which what is sent at once comes at once: of an octet by itself nobody knows what it was sent with. */
const wholeLines = ways.filter((way) => way !== octetByOctet);

/** Holds the reply to `verb` back until the client has talked on. */
function hasty(server: Server, verb: string): void {
  server.on('command', async (ctx, next) => {
    if (ctx.command.verb === verb) await ctx.spoke(1000);
    return next();
  });
}

async function codes(client: Client, count: number): Promise<number[]> {
  const all: number[] = [];
  while (all.length < count) all.push((await client.reply()).code);
  return all;
}

describe.each(ways)('PIPELINING, $name', ({ open }) => {
  it('is offered', async () => {
    await using r = receiver(pipelining());
    const client = await open(r.server);
    expect(await client.hello()).toMatchObject({ lines: ['mx.example', 'PIPELINING'] });
  });

  it('answers the commands of a group in order', async () => {
    await using r = receiver(pipelining());
    const client = await open(r.server);
    await client.hello();
    await script(
      client,
      `
      C: RSET
      C: ${from}
      C: RCPT TO:<b@server.example>
      C: RCPT TO:<broken
      C: RCPT TO:<c@server.example>
      C: DATA
      S: 250
      S: 250
      S: 250
      S: 501
      S: 250
      S: 354
      C: Subject: hello
      C: .
      S: 250
      `,
    );
    expect(r.kept).toHaveLength(1);
  });

  it('goes on right behind the final dot', async () => {
    await using r = receiver(pipelining());
    const client = await open(r.server);
    await client.hello();
    const content = 'Subject: hello\r\n.\r\n';
    const envelope = `${from}\r\nRCPT TO:<b@server.example>\r\nDATA\r\n`;
    client.send(envelope);
    expect(await codes(client, 3)).toEqual([250, 250, 354]);
    client.send(`${content}${envelope}`);
    expect(await codes(client, 4)).toEqual([250, 250, 250, 354]);
    client.send(`${content}QUIT\r\n`);
    expect(await codes(client, 2)).toEqual([250, 221]);
    expect(r.kept).toHaveLength(2);
  });

  it('takes a group, and QUIT behind the final dot, from a client that was not offered it', async () => {
    await using r = receiver(pipelining());
    const client = await open(r.server);
    await client.reply();
    await client.command('HELO client.example');
    client.send(`${from}\r\nRCPT TO:<b@server.example>\r\nDATA\r\n`);
    expect(await codes(client, 3)).toEqual([250, 250, 354]);
    client.send('Subject: hello\r\n.\r\nQUIT\r\n');
    expect(await codes(client, 2)).toEqual([250, 221]);
    expect(await client.closed()).toBe('');
  });
});

describe.each(wholeLines)('a group, $name', ({ open }) => {
  it('is answered in one write', async () => {
    await using r = receiver(pipelining());
    r.server.on('rcpt', async (_, next) => {
      await nextTurn();
      return next();
    });
    const client = await open(r.server);
    await client.hello();
    const writes: string[] = [];
    client.stream.on('data', (chunk: Buffer) => writes.push(chunk.toString()));
    client.send(`${from}\r\n${'RCPT TO:<b@server.example>\r\n'.repeat(50)}DATA\r\n`);
    expect(await codes(client, 52)).toHaveLength(52);
    client.send(`.\r\nRSET\r\n${from}\r\nNOOP\r\nVRFY b\r\nWHAT\r\n`);
    expect(await codes(client, 6)).toEqual([250, 250, 250, 250, 252, 500]);
    expect(writes.map((write) => write.trimEnd().split('\r\n').length)).toEqual([52, 6]);
  });
});

describe.each(wholeLines)('commands out of turn, $name', ({ open }) => {
  it('get 503 until the client waits', async () => {
    await using r = receiver(pipelining(), { talkingAhead: 'allow' });
    hasty(r.server, 'EHLO');
    const client = await open(r.server);
    await client.reply();
    client.send(`EHLO client.example\r\n${from}\r\nRSET\r\nNOOP\r\n`);
    expect(await codes(client, 4)).toEqual([250, 503, 503, 503]);
    expect(await client.mail()).toMatchObject({ code: 250 });
  });

  it('get 503 where the body of a refused DATA follows: none of its lines is run', async () => {
    await using r = receiver(pipelining(), { talkingAhead: 'allow' });
    hasty(r.server, 'DATA');
    const client = await open(r.server);
    await client.hello();
    client.send(`DATA\r\n${from}\r\nRCPT TO:<b@server.example>\r\nRSET\r\n.\r\n`);
    expect(await codes(client, 5)).toEqual([503, 503, 503, 503, 503]);
  });
});

describe.each(ways)('a command out of turn, $name', ({ open }) => {
  it('gets 503 also when it came while the command before was at work', async () => {
    await using r = receiver(pipelining());
    let tell: () => void;
    const atWork = new Promise<void>((resolve) => {
      tell = resolve;
    });
    r.server.on('helo', async (ctx, next) => {
      tell();
      await ctx.spoke(1000);
      return next();
    });
    const client = await open(r.server);
    await client.reply();
    client.send('EHLO client.example\r\n');
    await atWork;
    client.send(`${from}\r\n`);
    expect(await codes(client, 2)).toEqual([250, 503]);
  });

  it('gets 503 before the greeting', async () => {
    await using r = receiver(pipelining());
    r.server.on('connect', async (ctx, next) => {
      await ctx.spoke(1000);
      return next();
    });
    const client = await open(r.server);
    client.send('EHLO client.example\r\n');
    expect(await codes(client, 2)).toEqual([220, 503]);
    expect(await client.command('EHLO client.example')).toMatchObject({ code: 250 });
  });

  it('gets 554 and the end, if so set', async () => {
    await using r = receiver(pipelining({ outOfTurn: 'close' }), { talkingAhead: 'allow' });
    hasty(r.server, 'EHLO');
    const client = await open(r.server);
    await client.reply();
    client.send(`EHLO client.example\r\n${from}\r\nRCPT TO:<b@server.example>\r\n`);
    expect(await codes(client, 2)).toEqual([250, 554]);
    expect(await client.closed()).toBe('');
  });

  it('is run in its turn, if so set', async () => {
    await using r = receiver(pipelining({ outOfTurn: 'allow' }), { talkingAhead: 'allow' });
    hasty(r.server, 'EHLO');
    const client = await open(r.server);
    await client.reply();
    client.send(
      `EHLO client.example\r\n${from}\r\nRCPT TO:<b@server.example>\r\nDATA\r\nSubject: hello\r\n.\r\nQUIT\r\n`,
    );
    expect(await codes(client, 6)).toEqual([250, 250, 250, 354, 250, 221]);
    expect(r.kept).toHaveLength(1);
  });

  it.each(['refuse', 'close', 'allow'] as const)(
    'never gets that far by default: core ends it (%s)',
    async (outOfTurn) => {
      await using r = receiver(pipelining({ outOfTurn }));
      hasty(r.server, 'EHLO');
      const client = await open(r.server);
      await client.reply();
      client.send(`EHLO client.example\r\n${from}\r\n`);
      expect(await codes(client, 1)).toEqual([554]);
      expect(await client.closed()).toBe('');
    },
  );
});
