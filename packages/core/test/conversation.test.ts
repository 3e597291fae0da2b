import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { bare, lines, mailbox } from './kit.ts';

describe.each(ways)('a conversation, $name', ({ open }) => {
  it('is the one of RFC 5321 D.1', async () => {
    const { server, kept } = mailbox();
    await script(
      await open(server),
      `
      S: 220 mx.example ESMTP
      C: EHLO client.example
      S: 250 mx.example
      C: MAIL FROM:<Smith@client.example>
      S: 250 2.1.0 Sender OK
      C: RCPT TO:<Jones@mx.example>
      S: 250 2.1.5 Recipient OK
      C: RCPT TO:<Brown@mx.example>
      S: 250 2.1.5 Recipient OK
      C: DATA
      S: 354 End data with <CR><LF>.<CR><LF>
      C: Blah blah blah...
      C: ...etc. etc. etc.
      C: .
      S: 250 /^2\\.0\\.0 Kept as [0-9a-f]{20}\\.1$/
      C: QUIT
      S: 221 2.0.0 mx.example closing`,
    );
    expect(kept).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{20}\.1$/),
        sender: 'Smith@client.example',
        recipients: ['Jones@mx.example', 'Brown@mx.example'],
        content: lines('Blah blah blah...', '..etc. etc. etc.'),
      },
    ]);
  });

  it('may be in HELO and lower case', async () => {
    const { server, kept } = mailbox();
    await script(
      await open(server),
      `
      S: 220
      C: helo client.example
      S: 250 mx.example
      C: mail from:<>
      S: 250
      C: rcpt to:<postmaster>
      S: 250
      C: data
      S: 354
      C: .
      S: 250
      C: quit
      S: 221`,
    );
    expect(kept).toMatchObject([{ sender: '', recipients: ['postmaster'], content: '' }]);
  });

  it('carries one mail after another', async () => {
    const { server, kept } = mailbox();
    const client = await open(server);
    await client.hello();
    await client.mail({ from: 'a@client.example', content: lines('first') });
    await client.mail({ from: 'b@client.example', content: lines('second') });
    expect(kept).toMatchObject([
      { sender: 'a@client.example', content: lines('first') },
      { sender: 'b@client.example', content: lines('second') },
    ]);
    expect(new Set(kept.map(({ id }) => id)).size).toBe(2);
  });

  it('ends when the client says QUIT, whatever it says behind it', async () => {
    const { server } = mailbox();
    const client = await open(server);
    await client.hello();
    client.send('QUIT\r\nNOOP\r\n');
    expect(await client.closed()).toBe('221 2.0.0 mx.example closing\r\n');
  });
});

describe.each(ways)('a server with nothing added, $name', ({ open }) => {
  it('answers 550 5.7.1 to every recipient, in the same words', async () => {
    const client = await open(bare().server);
    await client.hello();
    await client.command('MAIL FROM:<sender@client.example>');
    const answers = [];
    for (const to of [
      'a@mx.example',
      'postmaster@mx.example',
      'Postmaster',
      'a@[127.0.0.1]',
      '"a b"@elsewhere.example',
    ])
      answers.push((await client.command(`RCPT TO:<${to}>`)).raw);
    expect(new Set(answers)).toEqual(new Set(['550 5.7.1 Recipient not accepted here\r\n']));
  });

  it('answers 554 to DATA when every recipient was refused', async () => {
    const client = await open(bare().server);
    await client.hello();
    await client.command('MAIL FROM:<sender@client.example>');
    await client.command('RCPT TO:<a@mx.example>');
    expect(await client.command('DATA')).toMatchObject({ code: 554, enhanced: '5.5.1' });
  });

  it('answers 451 at the end of data when it has acceptors but no sink', async () => {
    const { server } = bare();
    const client = await open(server.accept(() => true));
    await client.hello();
    expect(await client.mail()).toMatchObject({ code: 451, enhanced: '4.3.0' });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
  });
});
