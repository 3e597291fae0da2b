import { inMemory, selfSigned } from '@maitred/testing';
import type { OpenOptions } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { mailbox } from '../../test/kit.ts';
import { basics, Identity, Internationalized, without } from '../index.ts';
import type { Plugin } from '../index.ts';

interface Sent {
  readonly hello?: string;
  readonly to?: readonly string[];
  readonly use?: Plugin;
  readonly open?: OpenOptions;
}

/** The content that a server keeps with its trace field. */
async function kept({ hello = 'EHLO client.example', to = ['b@mx.example'], use, open }: Sent): Promise<string> {
  const { server, kept: all } = mailbox({ base: basics() });
  server.use(use);
  const client = await inMemory.open(server, open);
  await client.reply();
  await client.command(hello);
  await client.mail({ to, content: 'Subject: one\r\n\r\nHello\r\n' });
  return Buffer.from(all[0]!.content, 'latin1').toString();
}

const id = '[0-9a-f]{20}\\.1';
const date = 'Thu, 01 Jan 2026 00:00:00 \\+0000';

/** A plugin that sets keys when MAIL comes. */
const proving = (what: 'identity' | 'internationalized' | 'both'): Plugin => ({
  name: 'proving',
  provides: [Identity, Internationalized],
  stages: {
    mail: async (ctx, next) => {
      if (what !== 'internationalized') ctx.set(Identity, { id: 'somebody', by: 'PLAIN' });
      if (what !== 'identity') ctx.set(Internationalized, true);
      return next();
    },
  },
});

const remote = (address: string): OpenOptions => ({ remote: { address, port: 1 } });

describe('Received:', () => {
  it('is on top, folded, and says who, where, how, under which id, for whom, and when', async () => {
    expect(await kept({})).toMatch(
      new RegExp(
        '^Received: from client\\.example \\(\\[127\\.0\\.0\\.1\\]\\)\\r\\n' +
          `\\tby mx\\.example with ESMTP id ${id} for <b@mx\\.example>;\\r\\n\\t${date}\\r\\n` +
          'Subject: one\\r\\n\\r\\nHello\\r\\n$',
      ),
    );
  });

  it('lies below what plugins prepend, which was found out later', async () => {
    const use: Plugin = {
      name: 'spf',
      stages: {
        message: (message, next) => {
          message.content.header.prepend('Received-SPF: pass');
          return next();
        },
      },
    };
    expect(await kept({ use })).toMatch(/^Received-SPF: pass\r\nReceived: from [^]*\r\nSubject: one\r\n/);
  });

  it('names the recipient only if there is a single one', async () => {
    expect(await kept({ to: ['b@mx.example', 'c@mx.example'] })).toMatch(new RegExp(`id ${id};\\r\\n`));
    expect(await kept({ to: ['"b c"@mx.example'] })).toContain(' for <"b c"@mx.example>;\r\n');
  });

  it('writes an IPv6 address as a literal, and no address where there is none', async () => {
    expect(await kept({ open: remote('2001:db8::1') })).toContain('from client.example ([IPv6:2001:db8::1])\r\n');
    expect(await kept({ open: remote('') })).toMatch(/^Received: from client\.example\r\n/);
  });

  it.each<[string, Sent]>([
    ['SMTP', { hello: 'HELO client.example' }],
    ['ESMTP', {}],
    ['ESMTPA', { use: proving('identity') }],
    ['UTF8SMTP', { use: proving('internationalized') }],
    ['UTF8SMTPA', { use: proving('both') }],
    ['ESMTPS', { open: { tls: selfSigned() } }],
    ['ESMTPSA', { open: { tls: selfSigned() }, use: proving('identity') }],
    ['UTF8SMTPS', { open: { tls: selfSigned() }, use: proving('internationalized') }],
    ['UTF8SMTPSA', { open: { tls: selfSigned() }, use: proving('both') }],
  ])('says with %s', async (keyword, sent) => {
    expect(await kept(sent)).toMatch(new RegExp(` with ${keyword} id `));
  });

  it('says which TLS it was', async () => {
    expect(await kept({ open: { tls: selfSigned() } })).toMatch(
      /by mx\.example \(TLSv1\.3 TLS_[A-Z0-9_]+\) with ESMTPS/,
    );
  });

  it('leaves a non-ASCII recipient out', async () => {
    const field = await kept({ to: ['ü@mx.example'], use: proving('internationalized') });
    expect(field).toMatch(new RegExp(`id ${id};\\r\\n`));
  });

  it.each([
    ['a(b', 'a?b'],
    ['a)', 'a?'],
    ['"a;b"', '?a?b?'],
    ['a\\b', 'a?b'],
    ['a,b:c@d', 'a?b:c?d'],
    ['[IPv6:::1]', '[IPv6:::1]'],
    ['under_score.example', 'under_score.example'],
  ])('takes what has a meaning in it out of the name that the client gave: %s', async (name, written) => {
    const field = await kept({ hello: `EHLO ${name}` });
    expect(field.slice(0, field.indexOf('\r\n'))).toBe(`Received: from ${written} ([127.0.0.1])`);
  });

  it('is left out with its plugin', async () => {
    const { server, kept: all } = mailbox({ base: without(basics(), 'received') });
    const client = await inMemory.open(server);
    await client.hello();
    await client.mail({ content: 'Subject: one\r\n' });
    expect(all).toMatchObject([{ content: 'Subject: one\r\n' }]);
  });
});
