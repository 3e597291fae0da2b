import { EventEmitter, once } from 'node:events';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ContentStore, replies, SmtpError, spool, type Storage } from '@maitred/core';
import { overTcp } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { greeted, content, octets, begun, folder, receiver, shown } from '../test/receiver.ts';
import { maildir } from './maildir.ts';

/** A store that gives what it likes. */
function stored(read: Storage['read']): ContentStore {
  return { open: () => ({ write() {}, finish() {}, read, path: undefined, moved() {}, dispose() {} }) };
}

/** Gives its octets back until there is no more room for them elsewhere. */
const full = (code: string): ContentStore =>
  stored(async function* () {
    yield Buffer.from('Subject: half\r\n');
    throw Object.assign(new Error('no room'), { code });
  });

describe('two sinks on one recipient', () => {
  it('both keep the message', async () => {
    const [here, there] = [folder(), folder()];
    const it = receiver();
    it.server.use(maildir({ root: here }), maildir({ root: there, name: 'archive', returnPath: false }));
    const client = await greeted(it);
    expect(await client.mail({ content: octets })).toMatchObject({ code: 250 });
    expect(await shown(here)).toEqual([`Return-Path: <sender@client.example>\r\n${content}`]);
    expect(await shown(there)).toEqual([content]);
  });

  it('keep nothing when one of them cannot', async () => {
    const root = folder();
    const it = receiver();
    it.server.use(maildir({ root }));
    it.server.on('deliver', ({ recipients }) => ({
      recipients,
      prepare: () => Promise.reject(new SmtpError(replies.of(552, '5.2.2', 'Mailbox full'))),
      commit: async () => {},
    }));
    const client = await greeted(it);
    expect(await client.mail({ content: octets })).toMatchObject({ code: 552 });
    expect([await shown(root), await begun(root)]).toEqual([[], []]);
  });
});

describe('large messages', () => {
  const large = Buffer.alloc(30_000_000, 'Lorem ipsum dolor sit amet, consectetur adipiscing elit.\r\n');
  const message = Buffer.concat([Buffer.from('Subject: large\r\n\r\n'), large, Buffer.from('\r\n')]);

  it.each([
    ['renamed', { returnPath: false }, ''],
    ['written', { returnPath: true }, 'Return-Path: <sender@client.example>\r\n'],
  ])('of 30 MB are %s', { timeout: 30_000 }, async (how, options, top) => {
    const [root, directory] = [folder(), folder()];
    const it = receiver();
    const spooled: number[] = [];
    it.server
      .override(ContentStore, spool({ directory }))
      .on('message', async (_message, next) => {
        const [file = ''] = await readdir(directory);
        spooled.push((await stat(join(directory, file))).ino);
        return next();
      })
      .use(maildir({ root, ...options }));
    const client = await greeted(it, overTcp.open);
    expect(await client.mail({ content: message })).toMatchObject({ code: 250 });
    const [kept = ''] = await shown(root);
    expect(Buffer.from(kept, 'latin1').equals(Buffer.concat([Buffer.from(top), message]))).toBe(true);
    const [name = ''] = await readdir(join(root, 'new'));
    const { ino } = await stat(join(root, 'new', name));
    expect(spooled[0] === ino).toBe(how === 'renamed');
    expect(await readdir(directory)).toEqual([]);
  });
});

describe('many messages at once', () => {
  it('are all kept, each under a name of its own', { timeout: 30_000 }, async () => {
    const root = folder();
    const it = receiver({ limits: { connectionsPerAddress: 1000 } });
    it.server.use(maildir({ root }));
    const clients = await Promise.all(Array.from({ length: 200 }, () => greeted(it)));
    const codes = await Promise.all(
      clients.map(async (client, at) => (await client.mail({ content: `Subject: ${at}\r\n\r\n` })).code),
    );
    expect(new Set(codes)).toEqual(new Set([250]));
    const subjects = (await shown(root)).map((text) => /Subject: (\d+)/.exec(text)?.[1]);
    expect(new Set(subjects).size).toBe(200);
    expect(subjects).toHaveLength(200);
  });
});

describe('a disk', () => {
  it.each([
    ['ENOSPC', 452],
    ['EDQUOT', 452],
    ['EIO', 451],
  ])('that fails with %s is answered %i, and nothing is left', async (code, answer) => {
    const root = folder();
    const it = receiver();
    it.server.override(ContentStore, full(code)).use(maildir({ root }));
    const client = await greeted(it);
    expect(await client.mail()).toMatchObject({ code: answer });
    expect([await shown(root), await begun(root)]).toEqual([[], []]);
    expect(it.log.records).toMatchObject([{ level: 'error' }]);
  });

  it('that is too slow leaves nothing either, once it comes back', async () => {
    const root = folder();
    const it = receiver();
    const alarm = new EventEmitter();
    const asleep = once(alarm, 'ring');
    const slow = stored(async function* () {
      await asleep;
      yield octets;
    });
    it.server.override(ContentStore, slow).use(maildir({ root }));
    const client = await greeted(it);
    const answer = client.mail();
    while ((await begun(root)).length === 0) await setTimeout(5);
    await it.clock.advance(126_000);
    expect(await answer).toMatchObject({ code: 451 });
    expect(await begun(root)).toHaveLength(1);
    alarm.emit('ring');
    while ((await begun(root)).length > 0) await setTimeout(5);
    expect(await shown(root)).toEqual([]);
  });

  it('that lost the folder tmp is answered 451', async () => {
    const root = folder();
    const it = receiver();
    it.server.use(maildir({ root }));
    const client = await greeted(it);
    await rm(join(root, 'tmp'), { recursive: true });
    await writeFile(join(root, 'tmp'), 'no folder');
    expect(await client.mail()).toMatchObject({ code: 451 });
    expect(await shown(root)).toEqual([]);
    expect(it.log.records).toMatchObject([{ level: 'error', fields: { plugin: 'maildir', stage: 'prepare' } }]);
  });

  it('that lost the folder new keeps nothing for those recipients', async () => {
    const root = folder();
    const it = receiver();
    it.server.use(maildir({ root, mailboxOf: ({ path }) => path.local }));
    const client = await greeted(it);
    await client.mail({ to: 'b@x.example' });
    await mkdir(join(root, 'c', 'tmp'), { recursive: true });
    await writeFile(join(root, 'c', 'new'), 'no folder');
    expect(await client.mail({ to: ['b@x.example', 'c@x.example'] })).toMatchObject({ code: 451 });
    expect(await begun(join(root, 'c'))).toEqual([]);
    expect(await shown(join(root, 'b'))).toHaveLength(2);
    expect(it.log.records).toMatchObject([{ level: 'error', message: /could not be shown in .*c$/ }]);
  });
});
