import { ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { bare, mailbox } from '../test/kit.ts';
import { replies, Texts } from './index.ts';
import type { Catalogue, Reply } from './index.ts';

const say = (code: number, what: string): Reply => replies.of(code, undefined, `mine: ${what}`);

/** Every text an application may set. */
const mine: Catalogue = {
  greeting: ({ hostname }) => say(220, `welcome to ${hostname}`),
  accepted: ({ id, content }) => say(250, `${id.length > 0 ? 'kept' : ''} ${content.size}`),
  noAcceptor: ({ recipient }) => say(550, `no ${recipient.path.local}`),
  noSink: ({ recipients }) => say(451, `no sink for ${recipients.length}`),
  unavailable: () => say(451, 'sorry'),
  unknownVerb: ({ verb }) => say(500, `what is ${verb}`),
  help: ({ helo }) => say(214, `help yourself, ${helo}`),
  goodbye: ({ helo }) => say(221, `bye, ${helo}`),
  shutdown: ({ hostname }) => say(421, `${hostname} sleeps`),
  tooManyConnections: ({ remote }) => say(421, `full, ${remote.address}`),
};

const fail = (): never => {
  throw new Error('on purpose');
};

const yes = (): Reply => replies.of(250, '2.0.0', 'Yes');

describe.each(ways)('the texts of an application, $name', ({ open }) => {
  it('are in its replies', async () => {
    const { server } = bare({ replies: mine });
    server
      .accept(({ recipient }) => recipient.path.local === 'b')
      .on('command', (ctx, next) => {
        if (ctx.command.verb === 'VRFY') throw new Error('on purpose');
        return next();
      });
    const client = await open(server);
    expect(await client.reply()).toMatchObject({ code: 220, text: 'mine: welcome to mx.example' });
    await client.command('EHLO you.example');
    expect(await client.command('XBOGUS')).toMatchObject({ code: 500, text: 'mine: what is XBOGUS' });
    expect(await client.command('HELP')).toMatchObject({ code: 214, text: 'mine: help yourself, you.example' });
    expect(await client.command('VRFY a')).toMatchObject({ code: 451, text: 'mine: sorry' });
    await client.command('MAIL FROM:<a@client.example>');
    expect(await client.command('RCPT TO:<c@mx.example>')).toMatchObject({ code: 550, text: 'mine: no c' });
    await client.command('RCPT TO:<b@mx.example>');
    await client.command('DATA');
    expect(await client.command('.')).toMatchObject({ code: 451, text: 'mine: no sink for 1' });
    expect(await client.command('QUIT')).toMatchObject({ code: 221, text: 'mine: bye, you.example' });
  });

  it('are in what it says of a message, of its end, and of too many', async () => {
    const { server } = mailbox({ replies: mine, limits: { connections: 1 } });
    const client = await open(server);
    await client.hello();
    expect(await client.mail({ content: 'hello\r\n' })).toMatchObject({ code: 250, text: 'mine: kept 7' });
    expect(await (await open(server)).reply()).toMatchObject({ code: 421, text: 'mine: full, 127.0.0.1' });
    const closing = server.close();
    expect(await client.reply()).toMatchObject({ code: 421, text: 'mine: mx.example sleeps' });
    await closing;
  });

  it('may be some of them, and are there for plugins', async () => {
    const { server } = mailbox({ replies: { help: () => say(214, 'some') } });
    server.on('mail', async (ctx) => ctx.inject(Texts).help(ctx));
    const client = await open(server);
    expect(await client.reply()).toMatchObject({ code: 220, text: 'mx.example ESMTP' });
    await client.command('HELO a');
    expect(await client.command('MAIL FROM:<>')).toMatchObject({ code: 214, text: 'mine: some' });
  });

  it('that fail are told to the log, and the default stands in', async () => {
    const { server, log } = bare({ replies: { greeting: fail, help: fail, noAcceptor: fail, unknownVerb: fail } });
    const client = await open(server);
    expect(await client.reply()).toMatchObject({ code: 220, text: 'mx.example ESMTP' });
    await client.command('EHLO client.example');
    expect(await client.command('HELP')).toMatchObject({ code: 214 });
    expect(await client.command('XBOGUS')).toMatchObject({ code: 500 });
    await client.command('MAIL FROM:<a@client.example>');
    expect(await client.command('RCPT TO:<b@mx.example>')).toMatchObject({ code: 550, enhanced: '5.7.1' });
    expect(log.records.map(({ level }) => level)).toEqual(['error', 'error', 'error', 'error']);
  });

  it('that say yes for no are not heard', async () => {
    const { server } = bare({ replies: { noAcceptor: yes, noSink: yes, unavailable: yes, unknownVerb: yes } });
    server.accept(({ recipient }) => recipient.path.local === 'b');
    const client = await open(server);
    await client.hello();
    expect(await client.command('XBOGUS')).toMatchObject({ code: 500 });
    await client.command('MAIL FROM:<a@client.example>');
    expect(await client.command('RCPT TO:<c@mx.example>')).toMatchObject({ code: 550 });
    await client.command('RCPT TO:<b@mx.example>');
    await client.command('DATA');
    expect(await client.command('.')).toMatchObject({ code: 451 });
  });

  it('cannot hold a line end or another control', async () => {
    const { server } = mailbox({
      replies: { help: () => ({ code: 214, lines: ['one\r\n250 two', 'three\0\u001b[31m', 'four\u2028'] }) },
    });
    const client = await open(server);
    await client.hello();
    expect((await client.command('HELP')).lines).toEqual(['one', '250 two', 'three  [31m', 'four ']);
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
  });
});
