import { inMemory, ways } from '@maitred/testing';
import type { Client, OpenOptions } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../src/index.ts';
import { lines, mailbox } from './kit.ts';

const x = (count: number): string => 'x'.repeat(count);

describe('the limits', () => {
  it('have these defaults', () => {
    expect(defaultLimits).toEqual({
      commandLine: 2048,
      recipients: 1000,
      messages: 100,
      errorsSlowed: 10,
      errors: 20,
      idleCommands: 100,
      connections: 1000,
      connectionsPerAddress: 50,
      header: 262_144,
      headerField: 65_536,
      hops: 100,
      textLine: Number.POSITIVE_INFINITY,
    });
  });

  it("are told to whoever asks, those that are set and the others, and are nobody else's to change", async () => {
    const { server } = mailbox({ limits: { recipients: 7 } });
    const told: unknown[] = [];
    server
      .on('connect', (ctx, next) => {
        told.push(ctx.limits, Object.isFrozen(ctx.limits));
        return next();
      })
      .use({ name: 'teller', extensions: { TELL: { args: ({ limits }) => [String(limits.recipients)] } } });
    expect(server.describe().keywords.plain).toEqual(['TELL 7']);
    const client = await inMemory.open(server);
    expect((await client.hello()).lines).toContain('TELL 7');
    expect(told).toEqual([{ ...defaultLimits, recipients: 7 }, true]);
  });
});

const withField = (octets: number): string => `A: b\r\nX: ${x(45)}\r\n ${x(octets - 53)}\r\n\r\n${x(1000)}`;

const hops = (count: number): string =>
  `${'Received: by a;\r\n\tb\r\n'.repeat(count)}Subject: c\r\n\r\nReceived: d\r\n`;

describe.each(ways)('limits, $name', ({ open }) => {
  it('let 1,000 recipients in, answer 452 4.5.3 to the next, and keep the message for the others', async () => {
    const { server, kept } = mailbox();
    const client = await open(server);
    await client.hello();
    await client.command('MAIL FROM:<a@client.example>');
    client.send('RCPT TO:<b@mx.example>\r\n'.repeat(1000));
    for (let n = 0; n < 1000; n += 1) expect((await client.reply()).code).toBe(250);
    expect(await client.command('RCPT TO:<b@mx.example>')).toMatchObject({ code: 452, enhanced: '4.5.3' });
    await client.command('DATA');
    expect(await client.command('.')).toMatchObject({ code: 250 });
    expect(kept[0]?.recipients).toHaveLength(1000);
  });

  it('let a client try many more recipients than they allow, as one that pipelines does', async () => {
    const { server, kept } = mailbox({ limits: { recipients: 2 } });
    const client = await open(server);
    await client.hello();
    await client.command('MAIL FROM:<a@client.example>');
    client.send('RCPT TO:<b@mx.example>\r\n'.repeat(90));
    const codes = [];
    for (let n = 0; n < 90; n += 1) codes.push((await client.reply()).code);
    expect(codes).toEqual([250, 250, ...Array<number>(88).fill(452)]);
    await client.command('DATA');
    expect(await client.command('.')).toMatchObject({ code: 250 });
    expect(kept[0]?.recipients).toHaveLength(2);
  });

  it('let as many recipients in as they say, whatever was refused before', async () => {
    const { server } = mailbox({ limits: { recipients: 1 } });
    const client = await open(server);
    await client.hello();
    await client.command('MAIL FROM:<a@client.example>');
    expect(await client.command('RCPT TO:<>')).toMatchObject({ code: 501 });
    expect(await client.command('RCPT TO:<b@mx.example>')).toMatchObject({ code: 250 });
    expect(await client.command('RCPT TO:<c@mx.example>')).toMatchObject({ code: 452 });
  });

  it('end a session with 421 4.7.0 where a message more than they allow begins', async () => {
    const { server, kept } = mailbox({ limits: { messages: 2 } });
    const client = await open(server);
    await client.hello();
    await client.mail();
    await client.mail();
    expect(await client.command('MAIL FROM:<a@client.example>')).toMatchObject({ code: 421, enhanced: '4.7.0' });
    expect(await client.closed()).toBe('');
    expect(kept).toHaveLength(2);
  });

  it('count a message that was reset, and none that was refused', async () => {
    const { server } = mailbox({ limits: { messages: 2 } });
    const client = await open(server);
    await client.hello();
    for (const _ of [1, 2]) expect(await client.command('MAIL FROM:<')).toMatchObject({ code: 501 });
    await client.command('MAIL FROM:<a@client.example>');
    await client.command('RSET');
    await client.mail();
    expect(await client.command('MAIL FROM:<a@client.example>')).toMatchObject({ code: 421 });
  });

  it('let a header section of so many octets in, and answer 552 5.3.4 to more', async () => {
    const field = `X: ${x(45)}\r\n`;
    const { server, kept } = mailbox({ limits: { header: 200 } });
    const client = await open(server);
    await client.hello();
    expect(await client.mail({ content: `${field.repeat(4)}\r\n${x(1000)}` })).toMatchObject({ code: 250 });
    expect(await client.mail({ content: `${field.repeat(4)}Y:\r\n\r\nbody` })).toMatchObject({
      code: 552,
      enhanced: '5.3.4',
    });
    expect(await client.mail({ content: field.repeat(5) })).toMatchObject({ code: 552 });
    expect(kept).toHaveLength(1);
  });

  it('let a header field of so many octets in, folds and all, and answer 552 5.3.4 to more', async () => {
    const { server } = mailbox({ limits: { headerField: 100 } });
    const client = await open(server);
    await client.hello();
    expect(await client.mail({ content: withField(100) })).toMatchObject({ code: 250 });
    expect(await client.mail({ content: withField(101) })).toMatchObject({ code: 552, enhanced: '5.3.4' });
  });

  it('take more hops for a loop: 554 5.4.6', async () => {
    const client = await open(mailbox().server);
    await client.hello();
    expect(await client.mail({ content: hops(100) })).toMatchObject({ code: 250 });
    expect(await client.mail({ content: hops(101) })).toMatchObject({ code: 554, enhanced: '5.4.6' });
  });

  it('refuse a text line that is longer, if they are told to: 554 5.6.0', async () => {
    const { server } = mailbox({ limits: { textLine: 100 } });
    const client = await open(server);
    await client.hello();
    const text = (octets: number): string => lines('Subject: a', '', 'short', x(octets - 2), 'short');
    expect(await client.mail({ content: text(100) })).toMatchObject({ code: 250 });
    expect(await client.mail({ content: text(101) })).toMatchObject({ code: 554, enhanced: '5.6.0' });
    expect(await client.mail({ content: `${x(98)}\r\n` })).toMatchObject({ code: 250 });
    expect(await client.mail({ content: `${x(99)}\r\n` })).toMatchObject({ code: 554 });
  });

  it('let a text line of any length in otherwise', async () => {
    const { server, kept } = mailbox();
    const client = await open(server);
    await client.hello();
    expect(await client.mail({ content: `\r\n${x(20_000)}\r\n` })).toMatchObject({ code: 250 });
    expect(kept[0]?.content).toHaveLength(20_004);
  });
});

/** Connects once the server has had the turns it takes to see another client off. */
async function soon(open: () => Promise<Client>): Promise<Client> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
  return open();
}

const from = (address: string): OpenOptions => ({
  remote: { address, port: 1 },
  local: { address: '192.0.2.100', port: 25 },
});

describe.each(ways)('limits of connections, $name', ({ open }) => {
  it('answer 421 4.7.0 to one more than they allow, and serve it when another has gone', async () => {
    const { server } = mailbox({ limits: { connections: 2 } });
    const [first] = [await open(server), await open(server)];
    await first.hello();
    const third = await open(server);
    expect(await third.reply()).toMatchObject({ code: 421, enhanced: '4.7.0' });
    expect(await third.closed()).toBe('');
    await first.command('QUIT');
    await first.closed();
    expect(await (await soon(() => open(server))).reply()).toMatchObject({ code: 220 });
  });

  it('do not count who was turned away and stays', async () => {
    const { server } = mailbox({ limits: { connections: 1 } });
    const first = await open(server);
    await first.hello();
    const second = await open(server);
    second.stream.removeAllListeners('end');
    expect(await second.reply()).toMatchObject({ code: 421 });
    await first.command('QUIT');
    await first.closed();
    expect(await (await soon(() => open(server))).reply()).toMatchObject({ code: 220 });
  });

  it('answer 421 4.7.0 to one more from an address, and serve other addresses', async () => {
    const { server } = mailbox({ limits: { connectionsPerAddress: 2 } });
    for (const _ of [1, 2]) await (await open(server, from('192.0.2.1'))).hello();
    const third = await open(server, from('192.0.2.1'));
    expect(await third.reply()).toMatchObject({ code: 421, enhanced: '4.7.0' });
    expect(await third.closed()).toBe('');
    expect(await (await open(server, from('192.0.2.2'))).hello()).toMatchObject({ code: 250 });
  });
});

describe('limits of connections from one address', () => {
  it('leave streams without an address alone', async () => {
    const { server } = mailbox({ limits: { connectionsPerAddress: 1 } });
    const nowhere = { remote: { address: '', port: 0 } };
    for (const _ of [1, 2, 3])
      expect(await (await inMemory.open(server, nowhere)).hello()).toMatchObject({ code: 250 });
  });

  it('count the address that a prologue found out', async () => {
    const { server } = mailbox({ limits: { connectionsPerAddress: 1 } });
    let last = 0;
    server.use({ name: 'proxy', prologue: async () => ({ remote: { address: `192.0.2.${(last += 1)}`, port: 1 } }) });
    for (const _ of [1, 2, 3]) expect(await (await inMemory.open(server)).hello()).toMatchObject({ code: 250 });
  });

  it('forget an address when the last of it has gone', async () => {
    const { server } = mailbox({ limits: { connectionsPerAddress: 1 } });
    for (const _ of [1, 2, 3]) {
      const client = await soon(() => inMemory.open(server));
      expect(await client.hello()).toMatchObject({ code: 250 });
      await client.command('QUIT');
      await client.closed();
    }
  });
});
