import { replies } from '@maitred/core';
import { ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { notification, originalOf, recipientRequest, type Report } from '../src/index.ts';
import { parsed, type Parsed } from './parsed.ts';
import { receiver } from './receiver.ts';

describe.each(ways)('an application that could not deliver, $name', ({ open }) => {
  it('tells the sender, as the client asked', async () => {
    const told: (Parsed | undefined)[] = [];
    await using r = receiver();
    r.server.deliver(async (message) => {
      const reports = message.recipients.map((recipient): Report => ({
        ...recipientRequest(recipient),
        recipient: recipient.path.mailbox,
        action: 'failed',
        diagnostic: replies.of(552, '5.2.2', 'Mailbox full'),
      }));
      const made = await notification(originalOf(message), reports, { reportingMta: message.hostname });
      told.push(made && (await parsed(made)));
    });
    r.server.deliver(() => {});
    const client = await open(r.server, { remote: { address: '192.0.2.1', port: 1 } });
    await client.hello();
    await client.command('MAIL FROM:<ann@client.example> RET=FULL ENVID=QQ+2B1');
    await client.command('RCPT TO:<bob@server.example> ORCPT=rfc822;bob@list.example');
    await client.command('RCPT TO:<eve@server.example> NOTIFY=NEVER');
    await client.command('DATA');
    client.send('Subject: hello\r\n\r\nHello.\r\n.\r\n');
    expect(await client.reply()).toMatchObject({ code: 250 });
    expect(told[0]).toMatchObject({
      status: [
        [
          'Original-Envelope-Id: QQ+1',
          'Reporting-MTA: dns; mx.example',
          'Received-From-MTA: dns; client.example ([192.0.2.1])',
          expect.stringMatching(/^Arrival-Date: .* \+0000$/),
        ],
        [
          'Original-Recipient: rfc822; bob@list.example',
          'Final-Recipient: rfc822; bob@server.example',
          'Action: failed',
          'Status: 5.2.2',
          'Diagnostic-Code: smtp; 552 5.2.2 Mailbox full',
        ],
      ],
      returned: {
        type: 'message/rfc822',
        content: expect.stringMatching(/^Received: [^]*\nSubject: hello\n\nHello\.$/),
      },
    });
    expect(await client.mail({ from: '' })).toMatchObject({ code: 250 });
    expect(told[1]).toBeUndefined();
  });
});
