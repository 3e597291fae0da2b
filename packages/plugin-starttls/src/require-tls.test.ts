import { script, selfSigned, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { receiver } from '../test/receiver.ts';
import { certificates } from './certificates.ts';
import { requireTls } from './require-tls.ts';
import { starttls } from './starttls.ts';

const certs = await certificates({ default: selfSigned('mx.example.org') });

describe.each(ways)('requireTls $name', ({ open }) => {
  it('answers 530 to all that could carry mail in plaintext', async () => {
    await using it = receiver();
    const client = await open(it.server.use(starttls({ certificates: certs }), requireTls()));
    await script(
      client,
      `S: 220
       C: HELO client.example
       S: 250
       C: EHLO client.example
       S: 250-mx.example.org
       C: MAIL FROM:<a@client.example>
       S: 530 Must issue a STARTTLS command first
       C: RCPT TO:<b@server.example>
       S: 530
       C: DATA
       S: 530
       C: VRFY b
       S: 530
       C: NOOP
       S: 250
       C: RSET
       S: 250
       C: HELP
       S: 214
       C: WHAT
       S: 500
       C: STARTTLS
       S: 220`,
    );
    await client.secure();
    await client.command('EHLO client.example');
    expect(await client.mail()).toMatchObject({ code: 250 });
  });

  it('lets those go on that are excepted', async () => {
    await using it = receiver();
    it.server.use(
      starttls({ certificates: certs }),
      requireTls({ except: ({ remote }) => remote.address === '127.0.0.1' }),
    );
    const client = await open(it.server);
    await client.hello();
    expect(await client.mail()).toMatchObject({ code: 250 });
    const stranger = await open(it.server, { remote: { address: '192.0.2.1', port: 1 } });
    await stranger.hello();
    expect(await stranger.command('MAIL FROM:<a@client.example>')).toMatchObject({ code: 530 });
    expect(await stranger.command('QUIT')).toMatchObject({ code: 221 });
  });

  it('ends the connection of a client that speaks another protocol', async () => {
    await using it = receiver();
    const client = await open(it.server.use(starttls({ certificates: certs }), requireTls()));
    await client.reply();
    client.send('POST / HTTP/1.1\r\nHost: mx.example.org\r\n\r\nEHLO x\r\n');
    expect(await client.reply()).toMatchObject({ code: 554 });
    expect(await client.closed()).toBe('');
  });

  it('has nothing to say within implicit TLS', async () => {
    await using it = receiver();
    const client = await open(it.server.use(starttls({ certificates: certs }), requireTls()), { tls: certs.settings });
    expect((await client.hello()).text).not.toContain('STARTTLS');
    expect(await client.mail()).toMatchObject({ code: 250 });
  });
});
