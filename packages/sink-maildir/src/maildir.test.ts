import { readdirSync } from 'node:fs';
import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replies } from '@maitred/core';
import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { greeted, content, octets, begun, folder, receiver, shown } from '../test/receiver.ts';
import { maildir, type MaildirOptions } from './maildir.ts';

const byLocalPart: MaildirOptions['mailboxOf'] = ({ path }) => path.local;

const directory = async ({ path }: { path: { local: string } }): Promise<string> => {
  if (path.local === 'fails') throw new Error('the directory is down');
  return 'found';
};

describe.each(ways)('maildir $name', ({ open }) => {
  it('keeps a message, whole and with its return path', async () => {
    const root = join(folder(), 'mail');
    const it = receiver();
    it.server.use(maildir({ root }));
    const client = await greeted(it, open);
    expect(await client.mail({ from: 'a@client.example', content: octets })).toMatchObject({ code: 250 });
    expect(await shown(root)).toEqual([`Return-Path: <a@client.example>\r\n${content}`]);
    expect(await begun(root)).toEqual([]);
    const [name] = await readdir(join(root, 'new'));
    expect((await stat(join(root, 'new', name ?? ''))).mode & 0o777).toBe(0o600);
  });
});

describe('mailboxOf', () => {
  it('gives each recipient a Maildir, and one file to all of them', async () => {
    const root = folder();
    const it = receiver();
    it.server.use(maildir({ root, mailboxOf: byLocalPart }));
    const client = await greeted(it);
    expect(await client.mail({ to: ['b@x.example', 'c@x.example', 'b@y.example'], content: octets })).toMatchObject({
      code: 250,
    });
    expect((await readdir(root)).toSorted()).toEqual(['b', 'c']);
    const files = ['b', 'c'].flatMap((name) =>
      readdirSync(join(root, name, 'new')).map((f) => join(root, name, 'new', f)),
    );
    expect(files).toHaveLength(2);
    const [one, other] = await Promise.all(files.map((path) => stat(path)));
    expect(one?.ino).toBe(other?.ino);
    expect(await begun(join(root, 'c'))).toEqual([]);
  });

  it('lets nothing of a stranger out of the root', async () => {
    const root = join(folder(), 'mail');
    const it = receiver({ limits: { errorsSlowed: 100, errors: 100 } });
    it.server.use(maildir({ root, mailboxOf: byLocalPart }));
    const client = await greeted(it);
    const bad = [
      '"../up"',
      '".."',
      '"."',
      '"a/b"',
      '"/etc/passwd"',
      'tmp',
      '"a\\\\b"',
      '".hidden"',
      '"a:b"',
      '" a"',
      '-rf',
    ];
    await client.command('MAIL FROM:<a@client.example>');
    for (const local of bad)
      expect(await client.command(`RCPT TO:<${local}@mx.example.org>`)).toMatchObject({
        code: 550,
        text: 'No such mailbox here',
      });
    await script(
      client,
      `C: RCPT TO:<good@mx.example.org>
       S: 250
       C: DATA
       S: 354
       C: .
       S: 250`,
    );
    expect(await readdir(root)).toEqual(['good']);
    expect(await readdir(join(root, '..'))).toEqual(['mail']);
  });

  it('may look names up, and its failure is 451', async () => {
    const root = folder();
    const it = receiver();
    it.server.use(maildir({ root, mailboxOf: directory }));
    const client = await greeted(it);
    await script(
      client,
      `C: MAIL FROM:<a@client.example>
       S: 250
       C: RCPT TO:<fails@mx.example.org>
       S: 451
       C: RCPT TO:<good@mx.example.org>
       S: 250
       C: DATA
       S: 354
       C: .
       S: 250`,
    );
    expect(await readdir(root)).toEqual(['found']);
    expect(it.log.records).toMatchObject([{ level: 'error', fields: { plugin: 'maildir' } }]);
  });

  it('is not asked about a recipient that was refused', async () => {
    const asked: string[] = [];
    const it = receiver();
    const mailboxOf = ({ path }: { path: { local: string } }): string => {
      asked.push(path.local);
      return 'a';
    };
    it.server.use(maildir({ root: folder(), mailboxOf }));
    it.server.on('rcpt', async (ctx, next) => (ctx.recipient.path.local === 'no' ? replies.badSyntax : next()));
    const client = await greeted(it);
    await client.command('MAIL FROM:<a@client.example>');
    await client.command('RCPT TO:<no@mx.example.org>');
    await client.command('RCPT TO:<yes@mx.example.org>');
    expect(asked).toEqual(['yes']);
  });
});

describe('recipients', () => {
  it('says whose mail is kept; the rest is for other sinks', async () => {
    const [here, there] = [folder(), folder()];
    const it = receiver();
    const one = maildir({ root: here, recipients: ({ path }) => path.local === 'b' });
    it.server.use(one, maildir({ root: there, name: 'there', recipients: ({ path }) => path.local !== 'b' }));
    const client = await greeted(it);
    expect(await client.mail({ to: ['b@x.example', 'c@x.example'], content: octets })).toMatchObject({ code: 250 });
    expect(await client.mail({ to: 'c@x.example', content: octets })).toMatchObject({ code: 250 });
    expect([await shown(here), await shown(there)].map(({ length }) => length)).toEqual([1, 2]);
  });

  it('leaves a message that nobody keeps to its sender', async () => {
    const root = folder();
    const it = receiver();
    it.server.use(maildir({ root, recipients: ({ path }) => path.local === 'b' }));
    const client = await greeted(it);
    expect(await client.mail({ to: ['b@x.example', 'c@x.example'] })).toMatchObject({ code: 451 });
    expect([await shown(root), await begun(root)]).toEqual([[], []]);
  });
});

describe('minimumFree', () => {
  it('is asked before MAIL is answered', async () => {
    const it = receiver();
    it.server.use(maildir({ root: folder(), minimumFree: Number.MAX_SAFE_INTEGER }));
    const client = await greeted(it);
    expect(await client.command('MAIL FROM:<a@client.example>')).toMatchObject({
      code: 452,
      text: 'Insufficient system storage',
    });
  });

  it('is not asked when that is not wanted', async () => {
    const it = receiver();
    it.server.use(maildir({ root: folder(), minimumFree: 0 }));
    const client = await greeted(it);
    expect(await client.mail()).toMatchObject({ code: 250 });
  });
});

describe('at the start', () => {
  it('throws away what was begun and forgotten', async () => {
    const root = folder();
    const it = receiver();
    const at = it.clock.now() / 1000 - 37 * 3600;
    for (const mailbox of ['b', 'c']) {
      await mkdir(join(root, mailbox, 'tmp'), { recursive: true });
      await writeFile(join(root, mailbox, 'tmp', 'old'), '');
      await utimes(join(root, mailbox, 'tmp', 'old'), at, at);
      await writeFile(join(root, mailbox, 'tmp', 'young'), '');
    }
    it.server.use(maildir({ root, mailboxOf: () => 'b' }));
    await it.server.start();
    expect([await begun(join(root, 'b')), await begun(join(root, 'c'))]).toEqual([['young'], ['young']]);
  });

  it('fails where there can be no Maildir', async () => {
    const file = join(folder(), 'file');
    await writeFile(file, '');
    const it = receiver();
    await expect(it.server.use(maildir({ root: file })).start()).rejects.toThrow('maildir could not be set up');
  });

  it('is described as a sink', () => {
    const it = receiver();
    expect(it.server.use(maildir({ root: '/none' })).describe().sinks).toEqual(['maildir']);
  });
});
