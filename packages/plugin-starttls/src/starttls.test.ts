import { definePlugin, key, replies, type Key } from '@maitred/core';
import { inMemory, overTcp, script, selfSigned, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { receiver } from '../test/receiver.ts';
import { certificates } from './certificates.ts';
import { starttls } from './starttls.ts';
import { Certificates } from './tokens.ts';

const none = (): never => {
  throw new Error('the vault is sealed');
};
const certs = await certificates({ default: selfSigned('mx.example.org') });

const Seen: Key<string, 'connection'> = key('seen', 'connection');
const Proven: Key<string, 'session'> = key('proven', 'session');
const memory = definePlugin({
  name: 'memory',
  provides: [Seen, Proven],
  verbs: {
    NOTE: {
      handle: async (verb) => {
        verb.set(Seen, verb.args);
        verb.set(Proven, verb.args);
        return replies.ok;
      },
    },
    TELL: { handle: async (verb) => replies.of(250, undefined, `${verb.get(Seen)} ${verb.get(Proven)}`) },
  },
});

describe.each(ways)('STARTTLS $name', ({ open }) => {
  it('is offered in plaintext, secures the session, and takes mail there', async () => {
    await using it = receiver();
    const client = await open(it.server.use(starttls({ certificates: certs })));
    await script(
      client,
      `S: 220
       C: EHLO client.example
       S: 250-mx.example.org
       S: 250 STARTTLS
       C: STARTTLS
       S: 220 Ready to start TLS`,
    );
    await client.secure();
    await script(
      client,
      `C: EHLO client.example
       S: 250 mx.example.org`,
    );
    expect(await client.mail()).toMatchObject({ code: 250 });
    expect(it.kept).toHaveLength(1);
    expect(it.kept[0]).toMatch(/ with ESMTPS id /);
  });

  it('forgets everything before it, but what the connection knows', async () => {
    await using it = receiver();
    const client = await open(it.server.use(starttls({ certificates: certs }), memory));
    await client.hello();
    await script(
      client,
      `C: NOTE this
       S: 250
       C: TELL
       S: 250 this this
       C: STARTTLS
       S: 220`,
    );
    await client.secure();
    await script(
      client,
      `C: MAIL FROM:<a@client.example>
       S: 503
       C: STARTTLS
       S: 503
       C: TELL
       S: 250 this undefined
       C: EHLO client.example
       S: 250 mx.example.org
       C: MAIL FROM:<a@client.example>
       S: 250`,
    );
  });

  it('refuses arguments, and comes neither twice nor in a transaction nor before EHLO', async () => {
    await using it = receiver();
    const client = await open(it.server.use(starttls({ certificates: certs })));
    await script(
      client,
      `S: 220
       C: STARTTLS
       S: 503
       C: HELO client.example
       S: 250
       C: STARTTLS
       S: 503
       C: EHLO client.example
       S: 250-mx.example.org
       C: STARTTLS now
       S: 501
       C: MAIL FROM:<a@client.example>
       S: 250
       C: STARTTLS
       S: 503
       C: RCPT TO:<b@server.example>
       S: 250
       C: RSET
       S: 250
       C: starttls
       S: 220`,
    );
    await client.secure();
    await script(
      client,
      `C: STARTTLS
       S: 503
       C: EHLO client.example
       S: 250 mx.example.org
       C: STARTTLS
       S: 503
       C: QUIT
       S: 221`,
    );
  });

  it('costs only its connection when the handshake fails', async () => {
    await using it = receiver();
    it.server.use(starttls({ certificates: certs }));
    const [client, other] = [await open(it.server), await open(it.server)];
    for (const each of [client, other]) await each.hello();
    await client.command('STARTTLS');
    client.send('MAIL FROM:<mallory@client.example>\r\n'.repeat(20));
    await client.closed();
    expect(client.transcript).not.toContain('Sender OK');
    expect(await other.mail()).toMatchObject({ code: 250 });
    expect(it.log.records.map(({ level }) => level)).toEqual(['info']);
  });

  it('is 454 while there are no certificates', async () => {
    await using it = receiver();
    it.server.use(starttls()).override(Certificates, { settings: none, reload: none });
    const client = await open(it.server);
    await script(
      client,
      `S: 220
       C: EHLO client.example
       S: 250-mx.example.org
       C: STARTTLS
       S: 454 TLS not available due to temporary reason
       C: NOOP
       S: 250`,
    );
    expect(it.log.records).toMatchObject([{ level: 'error', message: 'starttls has no certificates' }]);
  });
});

// Octet by octet the line ends before more is there: what comes then is the handshake's, and no handshake.
describe.each([inMemory, overTcp])('commands injected behind STARTTLS $name', ({ open }) => {
  const injected = 'STARTTLS\r\nMAIL FROM:<mallory@client.example>\r\nRCPT TO:<b@server.example>\r\n';

  it('are answered 554, and the connection ends', async () => {
    await using it = receiver();
    const client = await open(it.server.use(starttls({ certificates: certs })));
    await client.hello();
    client.send(injected);
    expect(await client.reply()).toMatchObject({ code: 554 });
    expect(await client.closed()).toBe('');
  });

  it('are discarded where talking ahead is allowed', async () => {
    await using it = receiver({ talkingAhead: 'allow' });
    const client = await open(it.server.use(starttls({ certificates: certs })));
    await client.hello();
    client.send(injected);
    expect(await client.reply()).toMatchObject({ code: 220 });
    await client.secure();
    await script(
      client,
      `C: RCPT TO:<b@server.example>
       S: 503
       C: EHLO client.example
       S: 250 mx.example.org
       C: RCPT TO:<b@server.example>
       S: 503
       C: QUIT
       S: 221`,
    );
    expect(await client.closed()).toBe('');
  });
});

const given = (unfit: unknown): object => ({ certificates: unfit });

describe('the server', () => {
  it('does not start without certificates', async () => {
    await using it = receiver();
    expect(() => it.server.use(starttls()).describe()).toThrow('starttls needs certificates');
  });

  it('is not made with a promise of certificates, nor with what is none', () => {
    const promised = given(certificates({ default: selfSigned('mx.example.org') }));
    expect(() => starttls(promised)).toThrow(new TypeError('certificates is a promise: await certificates(…)'));
    for (const none of [certs.settings, selfSigned('mx.example.org')]) {
      expect(() => starttls(given(none))).toThrow(
        new TypeError('certificates has no settings: give await certificates(…)'),
      );
    }
  });

  it('says when STARTTLS is offered', async () => {
    await using it = receiver();
    const { keywords, verbs, services } = it.server.use(starttls({ certificates: certs })).describe();
    expect(keywords).toEqual({ plain: ['STARTTLS'], tls: [], authenticated: [] });
    expect(verbs).toMatchObject({ STARTTLS: 'starttls' });
    expect(services).toMatchObject({ certificates: 'starttls' });
  });
});
