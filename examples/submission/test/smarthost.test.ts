import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { replies, SmtpError } from '@maitred/core';
import { inMemory, script, selfSigned } from '@maitred/testing';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { house, implicit, plain } from './house.ts';
import { next } from './next.ts';
import { submit } from './submit.ts';

const eve = 'eve@elsewhere.example';
const dan = 'dan@elsewhere.example';

describe('a smarthost that is down', () => {
  it('is 451, and the reason is in the log alone', async () => {
    const gone = await next();
    await gone[Symbol.asyncDispose]();
    await using it = house({ port: gone.port });
    await expect(submit(it.server)).rejects.toMatchObject({
      responseCode: 451,
      response: '451 4.4.1 The next server is not available, try again later',
    });
    expect(it.log.records).toMatchObject([
      { level: 'warn', fields: { err: { code: 'ESOCKET' } }, message: 'the smarthost did not take a message' },
    ]);
  });

  it.each([
    ['before its greeting', ''],
    ['instead of its greeting', '554 no\r\n'],
    ['behind its greeting', '220 hi\r\n'],
    ['behind EHLO', '220 hi\r\n250 hi\r\n'],
    ['within the content', '220 hi\r\n250 hi\r\n250 ok\r\n250 ok\r\n354 go\r\n'],
  ])('is 451 where it hangs up %s', async (_, says) => {
    const lines = says.match(/[^\n]*\n/g) ?? [];
    const fake = createServer((socket) => {
      const left = [...lines];
      const say = (): void => void (left.length > 0 ? socket.write(left.shift() ?? '') : socket.destroy());
      socket.on('error', () => {});
      socket.on('data', say);
      say();
    });
    fake.listen(0, '127.0.0.1');
    await once(fake, 'listening');
    await using it = house({ port: (fake.address() as AddressInfo).port });
    await expect(submit(it.server)).rejects.toMatchObject({ responseCode: 451 });
    fake.close();
  });

  it('is 451 where it will not have us', async () => {
    await using to = await next({ authOptional: false, onAuth: (_, __, done) => done(null, {}) });
    await using it = house({ port: to.port, auth: { user: 'a', pass: 'b' } });
    await expect(submit(it.server)).rejects.toMatchObject({ responseCode: 451 });
  });
});

describe('a smarthost', () => {
  it('is logged in to, over TLS', async () => {
    const users: unknown[] = [];
    await using to = await next({
      authOptional: false,
      secure: true,
      disabledCommands: [],
      ...selfSigned('smarthost.example'),
      onAuth: ({ username, password }, _, done) => {
        users.push([username, password]);
        done(null, { user: 'a' });
      },
    });
    await using it = house({ port: to.port, secure: true, auth: { user: 'a', pass: 'b' } });
    expect(await submit(it.server)).toMatch(/^250 /);
    expect(users).toEqual([['a', 'b']]);
    expect(to.taken).toHaveLength(1);
  });

  it('has the message before the client reads 250', async () => {
    let accepted = false;
    await using to = await next({
      onData(stream, _, done) {
        stream.resume();
        stream.on('end', () =>
          setTimeout(() => {
            accepted = true;
            done();
          }, 50),
        );
      },
    });
    await using it = house({ port: to.port });
    expect(await submit(it.server)).toMatch(/^250 /);
    expect(accepted).toBe(true);
  });

  it.each([
    ['the sender', { 'ann@example.org': '550 5.7.1 not you' }, 550, '550 5.7.1 The next server said: not you'],
    ['the recipient', { [eve]: '550 5.1.1 nobody' }, 550, '550 5.1.1 The next server said: nobody'],
    ['the content', { data: '554 5.6.0 spam' }, 554, '554 5.6.0 The next server said: spam'],
    ['without a code', { data: '554 spam' }, 554, '554 5.0.0 The next server said: spam'],
    ['for now', { [eve]: '450 4.2.1 greylisted' }, 451, '451 4.2.1 The next server said: greylisted'],
  ])('is heard when it refuses %s', async (_, refuses, responseCode, response) => {
    await using to = await next({ refuses, hideENHANCEDSTATUSCODES: true });
    await using it = house({ port: to.port });
    await expect(submit(it.server)).rejects.toMatchObject({ responseCode, response });
    expect(to.taken).toEqual([]);
  });

  it('gets nothing that another sink could not prepare for', async () => {
    await using to = await next();
    await using it = house({ port: to.port });
    it.server.on('deliver', ({ recipients }) => ({
      recipients,
      prepare: async () => {
        // The smarthost has all the content by now, and would have kept it.
        for (let tries = 0; tries < 500 && to.octets() === 0; tries += 1) await new Promise((go) => setTimeout(go, 10));
        throw new SmtpError(replies.of(452, '4.3.1', 'No space for a copy'));
      },
      commit: async () => {},
    }));
    await expect(submit(it.server)).rejects.toMatchObject({ responseCode: 452 });
    expect(to.octets()).toBeGreaterThan(0);
    expect(to.taken).toEqual([]);
  });

  it('gets a large message as it comes', { timeout: 30_000 }, async () => {
    await using to = await next();
    await using it = house({ port: to.port });
    const line = `${'x'.repeat(74)}\r\n`;
    expect(await submit(it.server, { raw: `Subject: large\r\n\r\n${line.repeat(100_000)}` })).toMatch(/^250 /);
    expect(to.taken[0]?.content).toContain(`Subject: large\r\n\r\n${line.repeat(100_000)}`);
  });
});

describe('DSN', () => {
  it('is passed on', async () => {
    await using to = await next();
    await using it = house({ port: to.port });
    await submit(it.server, {
      dsn: { id: 'QQ 3+1', return: 'headers', notify: ['success', 'delay'], recipient: `rfc822;${eve}` },
    });
    expect(to.taken).toMatchObject([
      {
        asked: { ret: 'HDRS', envid: 'QQ 3+1' },
        to: { [eve]: { NOTIFY: 'DELAY,SUCCESS', ORCPT: `rfc822;${eve}` } },
      },
    ]);
  });

  it('is passed on in a transaction for each NOTIFY, with ORCPT where a recipient is alone', async () => {
    await using to = await next();
    await using it = house({ port: to.port });
    const client = await inMemory.open(it.server, { tls: implicit() });
    await client.hello();
    await script(
      client,
      `
      C: AUTH PLAIN ${plain}
      S: 235
      C: MAIL FROM:<ann@example.org> RET=FULL
      S: 250
      C: RCPT TO:<a@x.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a@x.example
      S: 250
      C: RCPT TO:<b@x.example> NOTIFY=NEVER ORCPT=utf-8;j\\x{F6}rg+2@x.example
      S: 501
      C: RCPT TO:<b@x.example> NOTIFY=NEVER ORCPT=utf-8;j\\x{F6}rg@x.example
      S: 250
      C: RCPT TO:<c@x.example> NOTIFY=DELAY,SUCCESS ORCPT=rfc822;c@x.example
      S: 250
      C: DATA
      S: 354
      C: Subject: hello
      C: .
      S: 250
      `,
    );
    const both = { NOTIFY: 'DELAY,SUCCESS' };
    expect(to.taken).toMatchObject([
      { asked: { ret: 'FULL' }, to: { 'a@x.example': both, 'c@x.example': both } },
      { asked: { ret: 'FULL' }, to: { 'b@x.example': { NOTIFY: 'NEVER', ORCPT: 'utf-8;j\\x{F6}rg@x.example' } } },
    ]);
  });

  it('becomes a notification where a recipient is refused', async () => {
    await using to = await next({ refuses: { [dan]: '550 5.1.1 No such user' } });
    await using it = house({ port: to.port });
    expect(await submit(it.server, { to: [eve, dan], dsn: { id: 'QQ314159' } })).toMatch(/^250 /);
    expect(to.taken).toMatchObject([
      { from: 'ann@example.org', to: { [eve]: {} } },
      { from: '', to: { 'ann@example.org': { NOTIFY: 'NEVER' } } },
    ]);
    const { attachments, text } = await PostalMime.parse(to.taken[1]?.content ?? '');
    expect(text).toContain(`<${dan}>`);
    expect(text).not.toContain(eve);
    expect(new TextDecoder().decode(attachments[0]?.content as ArrayBuffer)).toMatch(
      /^Original-Envelope-Id: QQ314159\n[^]*\nFinal-Recipient: rfc822; dan@[^]*\nAction: failed\nStatus: 5\.1\.1\n/,
    );
  });

  it('becomes none where the sender wants none', async () => {
    await using to = await next({ refuses: { [dan]: '550 5.1.1 No such user' } });
    await using it = house({ port: to.port });
    expect(await submit(it.server, { to: [eve, dan], dsn: { notify: 'never' } })).toMatch(/^250 /);
    expect(to.taken).toMatchObject([{ to: { [eve]: { NOTIFY: 'NEVER' } } }]);
  });

  it('is 451 where a recipient is refused and its sender can not be told', async () => {
    await using to = await next({ refuses: { [dan]: '550 5.1.1 No such user', bounce: '550 5.7.1 no bounces' } });
    await using it = house({ port: to.port });
    await expect(submit(it.server, { to: [eve, dan] })).rejects.toMatchObject({
      responseCode: 451,
      response: '451 4.4.2 Only some recipients were accepted, try again later',
    });
    expect(it.log.records.map(({ message }) => message)).toContain('a sender could not be notified');
  });

  it('tells of what went on to a server that does not notify', async () => {
    await using to = await next({ hideDSN: true });
    await using it = house({ port: to.port });
    expect(await submit(it.server, { dsn: { notify: ['success'] } })).toMatch(/^250 /);
    expect(to.taken).toMatchObject([{ from: 'ann@example.org', to: { [eve]: {} } }, { from: '' }]);
    expect(to.taken[1]?.content).toContain('Action: relayed');
    expect(await submit(it.server)).toMatch(/^250 /);
    expect(to.taken).toHaveLength(3);
  });
});
