import { createServer } from '@maitred/core';
import { text as received } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { clientOn } from './client.ts';
import type { Client } from './client.ts';
import { memoryPair } from './memory.ts';
import { script } from './script.ts';
import { ways } from './ways.ts';

/** A client of a server that says all at once and listens to nobody. */
const hearing = (text: string): Client => {
  const [ours, theirs] = memoryPair();
  theirs.end(text.replaceAll('\n', '\r\n'));
  theirs.resume();
  return clientOn(ours);
};

const ehlo = '250-mx.example\n250-SIZE 1000\n250 HELP\n';

describe.each(ways)('script $name', ({ open }) => {
  it('runs a conversation', async () => {
    await using server = createServer({ hostname: 'mx.example' })
      .accept(({ recipient }) => recipient.path.local === 'b')
      .deliver(() => {});
    await script(
      await open(server),
      `
      S: 220 mx.example ESMTP
      C: HELO client.example
      S: 250
      C: MAIL FROM:<a@client.example>
      S: 250
      C: RCPT TO:<b@server.example>
      C: RCPT TO:<c@server.example>
      S: 250
      S: 550

      C: DATA
      S: 354
      C: Subject: hello
      C:
      C: Hello.
      C: .
      S: 250 /^Kept as [0-9a-f]+/
      C: QUIT
      S: 221
      `,
    );
  });
});

describe('script', () => {
  it.each([
    'S: 250',
    'S: 250 /SIZE \\d+/',
    'S: 250 /^MX\\.example$/im',
    'S: 250-mx.example',
    'S: 250-',
    'S: 250-mx.example\nS: 250-/^SIZE/\nS: 250 HELP',
    'S: 250-\nS: 250-SIZE 1000',
    'S: 250-\nS: 250-\nS: 250',
  ])('finds EHLO answered by %j', async (expected) => {
    await script(hearing(ehlo), expected);
  });

  it.each([
    'S: 251',
    'S: 250 mx.example',
    'S: 250 /SIZE$/',
    'S: 250-mail.example',
    'S: 250-mx.example\nS: 250 HELP',
    'S: 250-mx.example\nS: 250-HELP',
    'S: 250-\nS: 250-\nS: 250-\nS: 250 HELP',
    'S: 250-mx.example\nS: 354',
  ])('does not find EHLO answered by %j', async (expected) => {
    await expect(script(hearing(ehlo), expected)).rejects.toThrow('the conversation differs');
  });

  it('shows the whole dialogue and where it differs', async () => {
    const running = script(
      hearing(`220 mx.example ESMTP\n${ehlo}501 no\n`),
      'S: 220\nC: EHLO me\nS: 250\nC: MAIL FROM:<\nS: 250 ok\nC: QUIT\nS: 221',
    );
    await expect(running).rejects.toThrow(
      [
        'the conversation differs:',
        '  S: 220 mx.example ESMTP',
        '  C: EHLO me',
        '  S: 250-mx.example',
        '  S: 250-SIZE 1000',
        '  S: 250 HELP',
        '  C: MAIL FROM:<',
        '> S: 501 no   <- came',
        '> S: 250 ok   <- expected',
        '  C: QUIT   <- not run',
        '  S: 221   <- not run',
      ].join('\n'),
    );
  });

  it('sends nothing behind a difference', async () => {
    const [ours, theirs] = memoryPair();
    theirs.write('220 hi\r\n501 no\r\n');
    const client = clientOn(ours);
    await expect(script(client, 'S: 220\nC: EHLO me\nS: 250\nC: QUIT')).rejects.toThrow('  C: QUIT   <- not run');
    client.end();
    expect(await received(theirs)).toBe('EHLO me\r\n');
  });

  it('says when no reply came', async () => {
    await expect(script(hearing('220 hi\n'), 'S: 220\nS: 250')).rejects.toThrow(
      /^the conversation differs:\n {2}S: 220 hi\n> no reply: the server closed the connection; received so far:\n220 hi\n> S: 250 {3}<- expected$/,
    );
  });

  it('refuses a line that says nothing', async () => {
    await expect(script(hearing(''), 'X: 250')).rejects.toThrow('neither C: nor S: X: 250');
    await expect(script(hearing(''), 'S: OK')).rejects.toThrow('expects no reply: S: OK');
  });
});
