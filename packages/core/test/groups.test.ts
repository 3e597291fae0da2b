import { inMemory, overTcp, ways } from '@maitred/testing';
import type { Client, Way } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import type { Server, ServerOptions } from '../src/index.ts';
import { lines, mailbox, servesTheNext } from './kit.ts';
import type { Mailbox } from './kit.ts';

/** Where several octets come at once: what is sent in one write is there before the first line of it is answered. */
const together = [inMemory, overTcp];

async function connected(way: Way, options?: Partial<ServerOptions>): Promise<{ client: Client } & Mailbox> {
  const box = mailbox(options);
  servesTheNext(box, way);
  const client = await way.open(box.server);
  await client.reply();
  return { client, ...box };
}

async function codes(client: Client, count: number): Promise<number[]> {
  const got: number[] = [];
  for (let n = 0; n < count; n += 1) got.push((await client.reply()).code);
  return got;
}

const envelope = lines('MAIL FROM:<a@client.example>', 'RCPT TO:<b@mx.example>');

describe.each(together)('input behind a command that ends a group, $name', (way) => {
  it.each(['EHLO client.example', 'HELO client.example'])('keeps %s from running: 554 and the end', async (hello) => {
    const { client, kept } = await connected(way);
    client.send(`${hello}\r\n${envelope}`);
    expect(await client.reply()).toMatchObject({ code: 554, enhanced: '5.5.0' });
    expect(await client.closed()).toBe('');
    expect(kept).toEqual([]);
  });

  it('is enough if it is one octet', async () => {
    const { client } = await connected(way);
    client.send('EHLO client.example\r\nN');
    expect(await client.reply()).toMatchObject({ code: 554, enhanced: '5.5.0' });
    expect(await client.closed()).toBe('');
  });

  it('keeps DATA from running: its body is not kept and none of it runs', async () => {
    const { client, kept } = await connected(way);
    await client.command('EHLO client.example');
    client.send(`${envelope}DATA\r\nSubject: x\r\n\r\nRSET\r\n.\r\nQUIT\r\n`);
    expect(await codes(client, 3)).toEqual([250, 250, 554]);
    expect(await client.closed()).toBe('');
    expect(kept).toEqual([]);
  });

  it('is nothing when DATA is refused anyway: its body never becomes commands', async () => {
    const { client, kept } = await connected(way);
    await client.command('EHLO client.example');
    client.send(`DATA\r\n${envelope}QUIT\r\n.\r\n`);
    expect(await client.reply()).toMatchObject({ code: 554, enhanced: '5.5.0' });
    expect(await client.closed()).toBe('');
    expect(kept).toEqual([]);
  });

  it('does no harm when the line itself is not known to the server', async () => {
    const { client } = await connected(way);
    await client.command('EHLO client.example');
    client.send(`STARTTLS\r\nNOOP\r\n`);
    expect(await codes(client, 2)).toEqual([500, 250]);
  });

  it('runs in its turn where the server is told to allow it', async () => {
    const { client, kept } = await connected(way, { talkingAhead: 'allow' });
    client.send(`EHLO client.example\r\n${envelope}DATA\r\nhello\r\n.\r\nQUIT\r\n`);
    expect(await codes(client, 6)).toEqual([250, 250, 250, 354, 250, 221]);
    expect(kept).toMatchObject([{ content: 'hello\r\n' }]);
  });
});

describe.each(ways)('a body sent without waiting for 354, $name', (way) => {
  it('becomes no message when DATA is refused', async () => {
    const { client, kept } = await connected(way);
    await client.command('EHLO client.example');
    client.send('MAIL FROM:<a@client.example>\r\nDATA\r\n');
    client.send(`${envelope}\r\n.\r\n`);
    client.end();
    await client.closed();
    expect(kept).toEqual([]);
    expect(client.transcript).not.toContain('354');
  });
});

describe.each(ways)('pipelining, $name', (way) => {
  it('answers a group in order', async () => {
    const { client } = await connected(way);
    await client.command('EHLO client.example');
    client.send('MAIL FROM:<a@client.example>\r\nRCPT TO:<>\r\nRCPT TO:<b@mx.example>\r\nBOGUS\r\nNOOP\r\nRSET\r\n');
    expect(await codes(client, 6)).toEqual([250, 501, 250, 500, 250, 250]);
  });

  it('is legal behind the final dot', async () => {
    const { client, kept } = await connected(way);
    await client.command('EHLO client.example');
    client.send(envelope);
    await codes(client, 2);
    await client.command('DATA');
    client.send(`one\r\n.\r\n${envelope}`);
    expect(await codes(client, 3)).toEqual([250, 250, 250]);
    await client.command('DATA');
    client.send('two\r\n.\r\nQUIT\r\n');
    expect(await codes(client, 2)).toEqual([250, 221]);
    expect(await client.closed()).toBe('');
    expect(kept).toMatchObject([{ content: 'one\r\n' }, { content: 'two\r\n' }]);
  });

  it('stops at a command that closes', async () => {
    const { client } = await connected(way);
    await client.command('EHLO client.example');
    client.send('NOOP\r\nGET / HTTP/1.1\r\nNOOP\r\n');
    expect(await codes(client, 2)).toEqual([250, 554]);
    expect(await client.closed()).toBe('');
  });

  it('works for more commands than are run in one turn', async () => {
    const { client } = await connected(way, { limits: { idleCommands: 1000 } });
    await client.command('EHLO client.example');
    client.send('NOOP\r\n'.repeat(500));
    expect(new Set(await codes(client, 500))).toEqual(new Set([250]));
  });
});

/** What the client receives after EHLO, write by write. */
async function writesOf(sent: string, count: number, set: (server: Server) => Server = (it) => it): Promise<string[]> {
  const { server } = mailbox();
  const client = await inMemory.open(set(server));
  await client.hello();
  const writes: string[] = [];
  client.stream.on('data', (chunk: Buffer) => writes.push(chunk.toString()));
  client.send(sent);
  await codes(client, count);
  return writes;
}

const codesIn = (write: string | undefined): string[] => (write ?? '').split('\r\n').map((line) => line.slice(0, 3));

const slowly = (server: Server): Server =>
  server.on('rcpt', async (_, next) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return next();
  });

describe('the replies to a group', () => {
  it('come in one write', async () => {
    const writes = await writesOf(`${envelope}RCPT TO:<c@mx.example>\r\nDATA\r\n`, 4);
    expect(writes.map(codesIn)).toEqual([['250', '250', '250', '354', '']]);
  });

  it('come in one write although a stage takes its time', async () => {
    const writes = await writesOf(`${envelope}NOOP\r\n`, 3, slowly);
    expect(writes.map(codesIn)).toEqual([['250', '250', '250', '']]);
  });

  it('come in one write with the end', async () => {
    const writes = await writesOf(`NOOP\r\nQUIT\r\n`, 2);
    expect(writes.map(codesIn)).toEqual([['250', '221', '']]);
  });
});
