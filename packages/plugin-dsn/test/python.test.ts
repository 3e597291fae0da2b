import { buffer } from 'node:stream/consumers';
import { replies } from '@maitred/core';
import { describe, expect, it } from 'vitest';
import { notification, type NotificationOptions, type Original, type Report } from '../src/index.ts';
import { installed, run } from '../../../tools/programs.ts';

/** Prints what Python's email package makes of standard input, and what it finds wrong with it. */
const reader = `
import email, email.policy, json, sys
message = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
report, status, returned = message.iter_parts()
def fields(part): return [[name.lower(), str(value)] for name, value in part.items()]
def defects(part): return [str(d) for each in part.walk() for d in each.defects]
whole = returned.get_content_type() in ('message/rfc822', 'message/global')
print(json.dumps({
    'type': message.get_content_type(),
    'to': str(message['to']),
    'report': message.get_param('report-type'),
    'text': report.get_content(),
    'statusType': status.get_content_type(),
    'groups': [fields(group) for group in status.get_payload()],
    'rest': (status.get_payload(0).get_payload(decode=True) or b'').decode(),
    'returnedType': returned.get_content_type(),
    'subject': str(returned.get_payload(0)['subject']) if whole else None,
    'defects': defects(message),
}))
`;

const content = (text: string): Original => ({ sender: 'ann@client.example', content: () => [Buffer.from(text)] });
const bob: Report = {
  recipient: 'bob@server.example',
  action: 'failed',
  diagnostic: replies.of(550, '5.1.1', 'No such user'),
};

async function read(
  original: Original,
  reports: readonly Report[],
  more: Partial<NotificationOptions> = {},
): Promise<unknown> {
  const made = await notification(original, reports, { reportingMta: 'mx.example.org', ...more });
  return JSON.parse(await run('python3', ['-c', reader], { input: await buffer(made!.stream()) }));
}

describe.skipIf(!installed('python3', '--version'))('email of Python (skipped where it is not installed)', () => {
  it('reads a failure with the whole message', { timeout: 30_000 }, async () => {
    const original: Original = {
      ...content('Subject: hello\r\n\r\nHello.\r\n'),
      returnContent: 'FULL',
      envelopeId: { value: 'QQ 3=1', encoded: 'QQ+203+3D1' },
    };
    expect(await read(original, [bob, { ...bob, recipient: 'eve@server.example' }])).toMatchObject({
      type: 'multipart/report',
      to: 'ann@client.example',
      report: 'delivery-status',
      text: expect.stringContaining('<bob@server.example>'),
      statusType: 'message/delivery-status',
      groups: [
        [
          ['original-envelope-id', 'QQ 3=1'],
          ['reporting-mta', 'dns; mx.example.org'],
        ],
        expect.arrayContaining([
          ['final-recipient', 'rfc822; bob@server.example'],
          ['diagnostic-code', 'smtp; 550 5.1.1 No such user'],
        ]),
        expect.arrayContaining([['action', 'failed']]),
      ],
      returnedType: 'message/rfc822',
      subject: 'hello',
      defects: [],
    });
  });

  it('reads a delivery with the header', { timeout: 30_000 }, async () => {
    const delivered: Report = { recipient: 'bob@server.example', action: 'delivered', notify: ['SUCCESS'] };
    expect(await read(content('Subject: hello\r\n\r\nHello.\r\n'), [delivered])).toMatchObject({
      returnedType: 'text/rfc822-headers',
      groups: [[['reporting-mta', 'dns; mx.example.org']], expect.arrayContaining([['status', '2.0.0']])],
      defects: [],
    });
  });

  it('reads eight bits', { timeout: 30_000 }, async () => {
    const original: Original = { ...content('Subject: hello\r\n\r\nGrüße\r\n'), returnContent: 'FULL' };
    expect(await read(original, [{ ...bob, recipient: 'jörg@server.example' }])).toMatchObject({
      text: expect.stringContaining('<jörg@server.example>'),
      groups: [expect.anything(), expect.arrayContaining([['final-recipient', 'utf-8; j\\x{F6}rg@server.example']])],
      subject: 'hello',
      defects: [],
    });
  });

  it('reads an internationalized one', { timeout: 30_000 }, async () => {
    const original: Original = { ...content('Subject: Grüße\r\n\r\nHello.\r\n'), returnContent: 'FULL' };
    const utf8 = { ...original, sender: '用@client.example' };
    expect(await read(utf8, [{ ...bob, recipient: 'jörg@server.example' }])).toMatchObject({
      statusType: 'message/global-delivery-status',
      returnedType: 'message/global',
      // Its parser knows no groups in a type of this name: what follows the first is a body to it.
      groups: [[['reporting-mta', 'dns; mx.example.org']]],
      rest: expect.stringMatching(/^Final-Recipient: utf-8; jörg@server\.example\r?\nAction: failed/),
      subject: 'Grüße',
      defects: [],
    });
  });
});
