import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { ticketServer } from './server.ts';

describe.each(ways)('a plugin from outside, $name', ({ open }) => {
  it('adds a keyword, a verb, a parameter and a hook', async () => {
    const kept: string[] = [];
    await using server = ticketServer(async (message) => {
      kept.push((await message.content.bytes(10_000)).toString());
    });
    const client = await open(server);
    await script(
      client,
      `
      S: 220
      C: XTICKET 1
      S: 500
      C: EHLO client.example
      S: 250-desk.example
      S: 250 XTICKET
      C: XTICKET 1
      S: 250 1 is open
      C: XTICKET 3
      S: 550
      C: XTICKET one
      S: 501
      C: MAIL FROM:<a@example.com> XTICKET=1 XTICKET=2
      S: 501
      C: MAIL FROM:<a@example.com> XTICKET=x
      S: 501
      C: MAIL FROM:<a@example.com> XTICKET=2
      S: 250
      C: RCPT TO:<help@desk.example>
      S: 250
      C: DATA
      S: 354
      C: Subject: printer
      C:
      C: on fire
      C: .
      S: 250
      C: QUIT
      S: 221
    `,
    );
    expect(kept).toHaveLength(1);
    expect(kept[0]).toMatch(/^X-Ticket: 2\r\nReceived: [^]*\r\nSubject: printer\r\n\r\non fire\r\n$/);
  });

  it('says in describe() where all of it comes from', async () => {
    await using server = ticketServer(async () => {});
    const { verbs, keywords, parameters, stages, services } = server.describe();
    expect(verbs['XTICKET']).toBe('tickets');
    expect(keywords.plain).toContain('XTICKET');
    expect(parameters.MAIL['XTICKET']).toBe('tickets');
    expect(stages['message']).toContain('tickets');
    expect(services['tickets']).toBe('the application');
  });
});
