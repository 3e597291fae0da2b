import { ways } from '@maitred/testing';
import type { Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { replies } from '../src/index.ts';
import { mailbox } from './kit.ts';

async function times(count: number, act: () => Promise<{ readonly code: number }>): Promise<number[]> {
  const codes: number[] = [];
  for (let n = 0; n < count; n += 1) codes.push((await act()).code);
  return codes;
}

/** Whether a reply has come by now. */
async function answered(client: Client, before: string): Promise<boolean> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
  return client.transcript !== before;
}

describe.each(ways)('errors, $name', ({ open }) => {
  it('are answered at once up to ten', async () => {
    const { server, clock } = mailbox();
    const client = await open(server);
    await client.hello();
    const since = clock.now();
    expect(await times(10, () => client.command('BOGUS'))).toEqual(Array(10).fill(500));
    expect(clock.now()).toBe(since);
  });

  it('are answered a second late beyond ten, and everything else at once', async () => {
    const { server, clock } = mailbox();
    const client = await open(server);
    await client.hello();
    await times(10, () => client.command('BOGUS'));
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
    const before = client.transcript;
    const late = client.command('BOGUS');
    expect(await answered(client, before)).toBe(false);
    await clock.advance(999);
    expect(await answered(client, before)).toBe(false);
    await clock.advance(1);
    expect(await late).toMatchObject({ code: 500 });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
  });

  it('end the session with 421 at twenty', async () => {
    const { server, clock } = mailbox();
    const client = await open(server);
    await client.hello();
    await times(10, () => client.command('BOGUS'));
    for (let n = 11; n < 20; n += 1) {
      const late = client.command(n % 2 ? 'MAIL FROM:<' : 'RCPT TO:<a@mx.example>');
      await answered(client, '');
      await clock.advance(1000);
      expect(await late).toMatchObject({ code: n % 2 ? 501 : 503 });
    }
    expect(await client.command('BOGUS')).toMatchObject({ code: 421, enhanced: '4.7.0' });
    expect(await client.closed()).toBe('');
  });

  it('count whoever makes them: a refused recipient, a line too long, no syntax', async () => {
    const { server } = mailbox({ limits: { errors: 4 } });
    server.accept(() => false);
    const client = await open(server);
    await client.hello();
    const codes = [];
    for (const line of ['MAIL FROM:a', 'RCPT TO:<a@mx.example>', 'x'.repeat(3000), 'BOGUS'])
      codes.push((await client.command(line)).code);
    expect(codes).toEqual([501, 503, 500, 421]);
  });

  it('are as many as the limits say', async () => {
    const { server } = mailbox({ limits: { errors: 1 } });
    const client = await open(server);
    await client.hello();
    expect(await client.command('BOGUS')).toMatchObject({ code: 421 });
    expect(await client.closed()).toBe('');
  });

  it('are made up for by a message that is kept, and by no other', async () => {
    const { server } = mailbox({ limits: { errors: 3 } });
    server.on('message', async (message, next) =>
      message.sender.mailbox === 'bad@client.example' ? replies.of(554, '5.7.1', 'Not that') : next(),
    );
    const client = await open(server);
    await client.hello();
    const twice = (): Promise<number[]> => times(2, () => client.command('BOGUS'));
    expect(await twice()).toEqual([500, 500]);
    expect(await client.mail()).toMatchObject({ code: 250 });
    expect(await twice()).toEqual([500, 500]);
    await client.mail({ from: 'bad@client.example' });
    expect(await client.command('BOGUS')).toMatchObject({ code: 421 });
  });

  it('of one session are none of the next', async () => {
    const { server } = mailbox({ limits: { errors: 2 } });
    for (let n = 0; n < 2; n += 1) {
      const client = await open(server);
      await client.hello();
      expect(await client.command('BOGUS')).toMatchObject({ code: 500 });
    }
  });
});

describe.each(ways)('commands that change nothing, $name', ({ open }) => {
  it.each(['NOOP', 'RSET', 'VRFY somebody', 'HELP'])(
    'like %s end the session with 421 beyond a hundred',
    async (line) => {
      const client = await open(mailbox().server);
      await client.hello();
      const codes = await times(100, () => client.command(line));
      expect(new Set(codes.map((code) => Math.trunc(code / 100)))).toEqual(new Set([2]));
      expect(await client.command(line)).toMatchObject({ code: 421, enhanced: '4.7.0' });
      expect(await client.closed()).toBe('');
    },
  );

  it('are counted together, and anew after each message', async () => {
    const { server } = mailbox({ limits: { idleCommands: 3 } });
    const client = await open(server);
    await client.hello();
    for (let mail = 0; mail < 3; mail += 1) {
      expect(await times(3, () => client.command('NOOP'))).toEqual([250, 250, 250]);
      expect(await client.mail()).toMatchObject({ code: 250 });
    }
    for (const line of ['NOOP', 'RSET', 'VRFY a']) await client.command(line);
    expect(await client.command('NOOP')).toMatchObject({ code: 421 });
  });

  it('are not counted anew by MAIL and RSET alone', async () => {
    const { server } = mailbox({ limits: { idleCommands: 3 } });
    const client = await open(server);
    await client.hello();
    const codes = [];
    for (let n = 0; n < 4; n += 1) {
      await client.command('MAIL FROM:<a@client.example>');
      codes.push((await client.command('RSET')).code);
    }
    expect(codes).toEqual([250, 250, 250, 421]);
  });
});
