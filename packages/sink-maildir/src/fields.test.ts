import { join } from 'node:path';
import { definePlugin, Internationalized } from '@maitred/core';
import { describe, expect, it } from 'vitest';
import { greeted, content, octets, folder, receiver, shown } from '../test/receiver.ts';
import { maildir, type MaildirOptions } from './maildir.ts';

const kept = async (options: Partial<MaildirOptions>, from: string, sent: string): Promise<string[]> => {
  const root = folder();
  const it = receiver();
  it.server.use(maildir({ root, ...options }));
  const client = await greeted(it);
  await client.mail({ from, content: sent });
  return shown(root);
};

describe('Return-Path', () => {
  it('is empty for a bounce, and one that came is dropped', async () => {
    const sent =
      'return-PATH: <x@y>\r\nSubject: a\r\nReturn-Path:\r\n <forged@client.example>\r\n\r\nReturn-Path: body\r\n';
    expect(await kept({}, '', sent)).toEqual(['Return-Path: <>\r\nSubject: a\r\n\r\nReturn-Path: body\r\n']);
  });

  it('may be left out: then the octets are those received', async () => {
    const sent = `Return-Path: <forged@client.example>\r\n${content}`;
    expect(await kept({ returnPath: false }, 'a@client.example', sent)).toEqual([Buffer.from(sent).toString('latin1')]);
  });

  it('is quoted where it has to be', async () => {
    expect((await kept({}, '"a> b"@client.example', content))[0]).toMatch(/^Return-Path: <"a> b"@client\.example>\r\n/);
  });

  it('is for this sink alone', async () => {
    const root = folder();
    const seen: string[] = [];
    const it = receiver();
    it.server.use(maildir({ root })).deliver(async (message) => {
      seen.push((await message.content.bytes(1000)).toString('latin1'));
    });
    const client = await greeted(it);
    await client.mail({ content: octets });
    expect(seen).toEqual([content]);
  });
});

describe('Delivered-To', () => {
  it('names the recipients of the mailbox', async () => {
    const root = folder();
    const it = receiver();
    it.server.use(maildir({ root, deliveredTo: true, mailboxOf: ({ path }) => path.domain ?? 'here' }));
    const client = await greeted(it);
    await client.mail({ to: ['b@one.example', 'c@two.example', 'd@one.example', 'Postmaster'], content: octets });
    const top = 'Return-Path: <sender@client.example>\r\nDelivered-To: ';
    expect(await shown(join(root, 'one.example'))).toEqual([
      `${top}b@one.example\r\nDelivered-To: d@one.example\r\n${content}`,
    ]);
    expect(await shown(join(root, 'two.example'))).toEqual([`${top}c@two.example\r\n${content}`]);
    expect(await shown(join(root, 'here'))).toEqual([`${top}Postmaster@mx.example.org\r\n${content}`]);
  });
});

describe('an internationalized message', () => {
  it('has its return path in UTF-8', async () => {
    const root = folder();
    const it = receiver();
    it.server.use(
      definePlugin({
        name: 'utf8',
        provides: [Internationalized],
        extensions: { SMTPUTF8: {} },
        parameters: { MAIL: { SMTPUTF8: { key: Internationalized, parse: () => true } } },
      }),
      maildir({ root }),
    );
    const client = await greeted(it);
    await client.mail({ from: 'jürgen@bücher.example', parameters: 'SMTPUTF8', content: octets });
    expect(Buffer.from((await shown(root))[0] ?? '', 'latin1').toString()).toMatch(
      /^Return-Path: <jürgen@bücher\.example>\r\n/,
    );
  });
});
