import { ways } from '@maitred/testing';
import type { Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { replies } from '../src/index.ts';
import { mailbox } from './kit.ts';

const commands = [
  'HELO client.example',
  'EHLO client.example',
  'MAIL FROM:<a@client.example>',
  'RCPT TO:<b@mx.example>',
  'DATA',
  'RSET',
  'NOOP',
  'HELP',
  'VRFY b',
  'EXPN b',
  'QUIT',
  'BOGUS',
] as const;

/** What brings a client there, and what each of the commands is answered there (RFC 5321 4.1.4, 4.3.2). */
const states: Record<string, { readonly steps: readonly string[]; readonly codes: readonly number[] }> = {
  'that was just greeted': {
    steps: [],
    codes: [250, 250, 503, 503, 503, 250, 250, 214, 252, 502, 221, 500],
  },
  'after HELO': {
    steps: ['HELO client.example'],
    codes: [250, 250, 250, 503, 503, 250, 250, 214, 252, 502, 221, 500],
  },
  'after EHLO': {
    steps: ['EHLO client.example'],
    codes: [250, 250, 250, 503, 503, 250, 250, 214, 252, 502, 221, 500],
  },
  'after MAIL': {
    steps: ['EHLO client.example', 'MAIL FROM:<a@client.example>'],
    codes: [250, 250, 503, 250, 554, 250, 250, 214, 252, 502, 221, 500],
  },
  'after RCPT': {
    steps: ['EHLO client.example', 'MAIL FROM:<a@client.example>', 'RCPT TO:<b@mx.example>'],
    codes: [250, 250, 503, 250, 354, 250, 250, 214, 252, 502, 221, 500],
  },
  'after a message': {
    steps: ['EHLO client.example', 'MAIL FROM:<a@client.example>', 'RCPT TO:<b@mx.example>', 'DATA', '.'],
    codes: [250, 250, 250, 503, 503, 250, 250, 214, 252, 502, 221, 500],
  },
  'after RSET': {
    steps: ['EHLO client.example', 'MAIL FROM:<a@client.example>', 'RCPT TO:<b@mx.example>', 'RSET'],
    codes: [250, 250, 250, 503, 503, 250, 250, 214, 252, 502, 221, 500],
  },
  'after EHLO within a transaction': {
    steps: ['EHLO client.example', 'MAIL FROM:<a@client.example>', 'RCPT TO:<b@mx.example>', 'EHLO again.example'],
    codes: [250, 250, 250, 503, 503, 250, 250, 214, 252, 502, 221, 500],
  },
};

async function bring(client: Client, steps: readonly string[]): Promise<void> {
  await client.reply();
  for (const step of steps) expect((await client.command(step)).code).toBeLessThan(400);
}

/** Shows that the session goes on: a whole mail, from the state it was left in. */
async function goesOn(client: Client, code: number): Promise<void> {
  if (code === 354) await client.command('.');
  await client.command('EHLO client.example');
  expect(await client.mail()).toMatchObject({ code: 250 });
}

describe.each(ways)('a client, $name', ({ open }) => {
  describe.each(Object.entries(states))('%s', (_, { steps, codes }) => {
    it.each(commands.map((command, at) => [command, codes[at]] as const))(
      'that says %s is answered %i',
      async (command, code) => {
        const client = await open(mailbox().server);
        await bring(client, steps);
        expect((await client.command(command)).code).toBe(code);
        if (code === 221) expect(await client.closed()).toBe('');
        else await goesOn(client, code!);
      },
    );
  });

  it('that was greeted with 554 is answered 503 to everything but QUIT', async () => {
    const { server } = mailbox();
    server.on('connect', async () => replies.of(554, '5.7.1', 'Not you'));
    const client = await open(server);
    expect(await client.reply()).toMatchObject({ code: 554 });
    for (const command of commands.filter((one) => one !== 'QUIT' && one !== 'BOGUS'))
      expect(await client.command(command)).toMatchObject({ code: 503, enhanced: '5.5.1' });
    expect(await client.command('QUIT')).toMatchObject({ code: 221 });
    expect(await client.closed()).toBe('');
  });
});

describe.each(ways)('a refused command leaves the transaction as it was, $name', ({ open }) => {
  it.each(['MAIL FROM:<c@client.example>', 'HELO', 'EHLO', 'RSET now', 'RCPT TO:<>', 'DATA now', 'BOGUS', 'VRFY'])(
    '%s',
    async (command) => {
      const { server, kept } = mailbox();
      const client = await open(server);
      await client.hello();
      await client.command('MAIL FROM:<a@client.example>');
      await client.command('RCPT TO:<b@mx.example>');
      expect((await client.command(command)).code).toBeGreaterThanOrEqual(500);
      expect(await client.command('DATA')).toMatchObject({ code: 354 });
      expect(await client.command('.')).toMatchObject({ code: 250 });
      expect(kept).toMatchObject([{ sender: 'a@client.example', recipients: ['b@mx.example'] }]);
    },
  );
});
