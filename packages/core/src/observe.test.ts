import { inMemory, ways } from '@maitred/testing';
import type { Channel } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import { mailbox } from '../test/kit.ts';
import { channels, definePlugin, replies, stage } from './index.ts';
import type { Plugin, Reply, Session, Stage } from './index.ts';

const off: (() => void)[] = [];
afterEach(() => {
  for (const stop of off.splice(0)) stop();
});

/** What is published on a channel from here on. */
function heard<T>(to: Channel): T[] {
  const messages: T[] = [];
  const listener = (message: unknown): void => void messages.push(message as T);
  to.subscribe(listener);
  off.push(() => to.unsubscribe(listener));
  return messages;
}

interface Said {
  readonly id: string;
  readonly at: string;
  readonly reply: Reply;
}

/** Asks for a secret twice: in the arguments, and in a line of its own. */
const secretive: Plugin = definePlugin({
  name: 'secretive',
  verbs: {
    XTELL: {
      secret: true,
      handle: async (verb) => {
        await verb.prompt(replies.of(334, undefined, 'go on'));
        return replies.of(250, '2.0.0', `${verb.args.length + (await verb.readLine()).length} octets`);
      },
    },
  },
});

describe.each(ways)('maitred:reply, $name', ({ open }) => {
  it('has every reply as it is written, and what it answers: greeting, 354, 334 and all', async () => {
    const said = heard<Said>(channels.reply);
    const { server } = mailbox();
    const client = await open(server.use(secretive));
    await client.hello();
    await client.mail();
    await client.command('XTELL s3cret');
    await client.command('m0re');
    await client.command('BOGUS');
    await client.command('?');
    expect(said.map(({ at, reply }) => [at, reply.code])).toEqual([
      ['greeting', 220],
      ['EHLO', 250],
      ['MAIL', 250],
      ['RCPT', 250],
      ['DATA', 354],
      ['DATA', 250],
      ['XTELL', 334],
      ['XTELL', 250],
      ['BOGUS', 500],
      ['', 554],
    ]);
    expect(said[2]?.reply.lines).toEqual(['2.1.0 Sender OK']);
    expect(new Set(said.map(({ id }) => id)).size).toBe(1);
  });

  it('has a timer’s 421 and a shutdown’s', async () => {
    const said = heard<Said>(channels.reply);
    const { server, clock } = mailbox();
    const [idle, other] = [await open(server), await open(server)];
    await idle.hello();
    await other.hello();
    await clock.advance(200_000);
    await other.command('NOOP');
    await clock.advance(100_000);
    expect(await idle.reply()).toMatchObject({ code: 421 });
    const closing = server.close();
    expect(await other.reply()).toMatchObject({ code: 421 });
    await closing;
    expect(said.slice(-2).map(({ at, reply }) => [at, reply.code, reply.enhanced])).toEqual([
      ['timer', 421, '4.4.2'],
      ['timer', 421, '4.3.2'],
    ]);
  });
});

describe('the tracing channels', () => {
  it('tell of a connection', async () => {
    const [starts, ends] = [heard<object>(channels.connection.start), heard<object>(channels.connection.end)];
    const { server } = mailbox();
    const client = await inMemory.open(server, { remote: { address: '192.0.2.1', port: 1 } });
    await client.hello();
    const about = {
      id: expect.stringMatching(/^[0-9a-f]{20}$/),
      remote: { address: '192.0.2.1', port: 1 },
      listener: { name: 'attached', tls: 'none' },
    };
    expect([starts, ends]).toEqual([[about], []]);
    await client.command('QUIT');
    await server.close();
    expect(ends).toEqual([about]);
  });

  it('tell of each command and its reply, but not of secret arguments', async () => {
    const commands = heard<object>(channels.command.asyncEnd);
    const { server } = mailbox();
    const client = await inMemory.open(server.use(secretive));
    await client.hello();
    await client.command('NOOP hello');
    await client.command('XTELL s3cret');
    await client.command('m0re');
    await client.command('bogus s3cret?');
    expect(commands).toMatchObject([
      { verb: 'EHLO', args: 'client.example', reply: { code: 250 } },
      { verb: 'NOOP', args: 'hello', reply: { code: 250 } },
      { verb: 'XTELL', args: '', reply: { code: 250, lines: ['10 octets'] } },
      { verb: 'BOGUS', args: 's3cret?', reply: { code: 500 } },
    ]);
  });

  it('tell of each stage that somebody hooks, and of declared ones', async () => {
    const stages = heard<{ readonly stage: string; readonly id: string }>(channels.stage.asyncEnd);
    const Check: Stage<Session> = stage('check', () => replies.ok);
    const { server } = mailbox();
    server
      .use({ name: 'check', provides: [Check], verbs: { XCHECK: { handle: (verb) => verb.run(Check, {}) } } })
      .on('connect', (_, next) => next())
      .on('mail', (_, next) => next())
      .on('message', async () => replies.of(550, '5.7.1', 'No'));
    const client = await inMemory.open(server);
    await client.hello();
    await client.command('XCHECK');
    await client.mail();
    const seen = stages.filter(({ stage: name }) => name !== 'verb');
    expect(seen).toMatchObject([
      { stage: 'connect', reply: { code: 220 } },
      { stage: 'helo', reply: { code: 250 } },
      { stage: 'check', reply: { code: 250 } },
      { stage: 'mail', reply: { code: 250 } },
      { stage: 'rcpt', reply: { code: 250 } },
      { stage: 'message', reply: { code: 550 } },
    ]);
    expect(seen.map(({ id }) => id.includes('.'))).toEqual([false, false, false, true, true, true]);
  });

  it('tell of each message, from its last octet to its reply', async () => {
    const messages = heard<object>(channels.message.asyncEnd);
    const { server, kept } = mailbox();
    const client = await inMemory.open(server);
    await client.hello();
    await client.mail({ content: 'Subject: one\r\n' });
    expect(messages).toMatchObject([{ id: kept[0]?.id, size: 14, reply: { code: 250 } }]);
  });
});

describe('a log', () => {
  it('is told nothing of what a client that behaves says', async () => {
    const { server, log } = mailbox();
    const client = await inMemory.open(server.use(secretive));
    await client.hello();
    await client.command('XTELL s3cret');
    await client.command('m0re');
    await client.mail();
    await client.command('QUIT');
    expect(log.records).toEqual([]);
  });

  it('has no secret in it when the verb fails, is too long, or is not allowed', async () => {
    const { server, log } = mailbox();
    server.use({
      name: 'failing',
      verbs: {
        XFAIL: { secret: true, handle: () => Promise.reject(new Error('on purpose')) },
        XNEVER: { secret: true, when: () => replies.badSequence, handle: async () => replies.ok },
      },
    });
    const commands = heard<object>(channels.command.start);
    const said = heard<object>(channels.reply);
    const client = await inMemory.open(server);
    await client.hello();
    for (const line of ['XFAIL s3cret', 'XNEVER s3cret', `XFAIL s3cret ${'x'.repeat(3000)}`])
      await client.command(line);
    expect(log.records).toMatchObject([{ fields: { plugin: 'failing' } }]);
    expect(JSON.stringify([log.records, commands, said])).not.toContain('s3cret');
  });
});
