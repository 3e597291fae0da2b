import { ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { replies } from '../src/index.ts';
import type { CloseCause, Reply, Server } from '../src/index.ts';
import { mailbox } from './kit.ts';

const later = replies.of(421, '4.3.2', 'Later');
const enough = replies.closing(replies.of(550, '5.7.1', 'Enough'));

function closedBy(server: Server): Promise<CloseCause> {
  return new Promise((resolve) => {
    server.on('close', ({ cause }) => resolve(cause));
  });
}

describe.each(ways)('a reply that closes, $name', ({ open }) => {
  it.each<[string, Reply]>([
    ['says so', enough],
    ['is a 421', later],
  ])('%s: the connection ends with it, whatever comes behind', async (_, reply) => {
    const { server } = mailbox();
    const cause = closedBy(server);
    server.on('mail', async () => reply);
    const client = await open(server);
    await client.hello();
    client.send('MAIL FROM:<a@client.example>\r\nNOOP\r\n');
    expect(await client.reply()).toMatchObject({ code: reply.code });
    expect(await client.closed()).toBe('');
    expect(await cause).toBe('refused');
  });

  it.each<[string, Reply]>([
    ['says so', replies.closing(replies.of(554, '5.7.1', 'Not you'))],
    ['is a 421', later],
  ])('%s: as a greeting it is all that the client hears', async (_, reply) => {
    const { server } = mailbox();
    const cause = closedBy(server);
    server.on('connect', async () => reply);
    const client = await open(server);
    expect(await client.reply()).toMatchObject({ code: reply.code });
    expect(await client.closed()).toBe('');
    expect(await cause).toBe('refused');
  });

  it.each<[string, Reply]>([
    ['says so', enough],
    ['is a 421', later],
  ])('%s: what a body was refused with is not drained', async (_, reply) => {
    const { server, kept } = mailbox();
    server.on('body', (ctx) => ({ write: () => ctx.refuse(reply) }));
    const client = await open(server);
    await client.hello();
    await client.command('MAIL FROM:<a@client.example>');
    await client.command('RCPT TO:<b@mx.example>');
    await client.command('DATA');
    client.send('no end to it');
    expect(await client.reply()).toMatchObject({ code: reply.code });
    expect(await client.closed()).toBe('');
    expect(kept).toEqual([]);
  });

  it('is 221 after QUIT', async () => {
    const { server } = mailbox();
    const cause = closedBy(server);
    const client = await open(server);
    await client.hello();
    expect(await client.command('QUIT')).toMatchObject({ code: 221 });
    expect(await cause).toBe('quit');
  });
});

describe.each(ways)('a client that shuts its side down, $name', ({ open }) => {
  it('after QUIT still gets its replies', async () => {
    const { server, kept } = mailbox();
    const client = await open(server);
    await client.hello();
    await client.command('MAIL FROM:<a@client.example>');
    await client.command('RCPT TO:<b@mx.example>');
    await client.command('DATA');
    client.send('hello\r\n.\r\nQUIT\r\n');
    client.end();
    expect(await client.closed()).toMatch(/^250 2\.0\.0 Kept .*\r\n221 .*\r\n$/);
    expect(kept).toMatchObject([{ content: 'hello\r\n' }]);
  });

  it('without QUIT gets its replies, and then the end', async () => {
    const { server } = mailbox();
    const cause = closedBy(server);
    const client = await open(server);
    await client.hello();
    client.send('NOOP\r\nNOOP\r\n');
    client.end();
    expect(await client.closed()).toBe('250 2.0.0 OK\r\n250 2.0.0 OK\r\n');
    expect(await cause).toBe('lost');
  });

  it('gets its replies although a stage takes its time', async () => {
    const { server } = mailbox();
    server.on('mail', async (_, next) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return next();
    });
    const client = await open(server);
    await client.hello();
    client.send('MAIL FROM:<a@client.example>\r\nQUIT\r\n');
    client.end();
    expect(await client.closed()).toMatch(/^250 .*\r\n221 .*\r\n$/);
  });

  it.each(['NOO', 'NOOP\r', 'x'.repeat(3000)])('inside a line, as in %s, gets nothing for it', async (sent) => {
    const { server } = mailbox();
    const client = await open(server);
    await client.hello();
    client.send(sent);
    client.end();
    expect(await client.closed()).toBe('');
  });

  it.each(['', 'hello', 'hello\r\n', 'hello\r\n.', 'hello\r\n.\r'])(
    'inside content, as in %j, drops the transaction',
    async (sent) => {
      const { server, kept } = mailbox();
      const cause = closedBy(server);
      const client = await open(server);
      await client.hello();
      await client.command('MAIL FROM:<a@client.example>');
      await client.command('RCPT TO:<b@mx.example>');
      await client.command('DATA');
      client.send(sent);
      client.end();
      expect(await client.closed()).toBe('');
      expect(await cause).toBe('lost');
      expect(kept).toEqual([]);
    },
  );

  it('before it has said anything gets the greeting', async () => {
    const client = await open(mailbox().server);
    client.end();
    expect(await client.closed()).toBe('220 mx.example ESMTP\r\n');
  });
});
