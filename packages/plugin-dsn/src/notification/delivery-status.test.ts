import { replies } from '@maitred/core';
import { describe, expect, it } from 'vitest';
import { deliveryStatus, statusOf } from './delivery-status.ts';
import type { Original, Report } from './report.ts';

const ascii = { reportingMta: 'mx.example.org', utf8: false };
const global = { reportingMta: 'mx.example.org', utf8: true };
const original: Original = { sender: 'ann@client.example' };
const failed: Report = { recipient: 'bob@server.example', action: 'failed' };

/** The fields of the one recipient. */
const recipient = (report: Partial<Report>, options = ascii): string[] =>
  deliveryStatus(original, [{ ...failed, ...report }], options)
    .split('\r\n\r\n')[1]!
    .trimEnd()
    .split(/\r\n(?! )/);

const from = (helo: string): string | undefined =>
  deliveryStatus({ ...original, receivedFrom: { helo, address: '192.0.2.1' } }, [failed], ascii).split('\r\n')[1];

describe('message/delivery-status', () => {
  it('has the fields of RFC 3464 in their order', () => {
    const at = Date.UTC(2026, 0, 2, 3, 4, 5);
    const status = deliveryStatus(
      {
        sender: 'ann@client.example',
        envelopeId: { value: 'QQ 314', encoded: 'QQ+20314' },
        receivedFrom: { helo: 'client.example', address: '192.0.2.1' },
        arrived: at,
      },
      [
        {
          recipient: 'bob@server.example',
          originalRecipient: { type: 'rfc822', address: 'Bob@List.example', encoded: 'rfc822;Bob@List.example' },
          action: 'delayed',
          status: '4.4.1',
          remoteMta: 'mx.server.example',
          diagnostic: '421-4.4.1 wait\r\n421 4.4.1 for it',
          lastAttempt: at,
          finalLogId: 'c7.1',
          willRetryUntil: at,
        },
        { recipient: 'eve@server.example', action: 'failed', diagnostic: replies.of(550, '5.1.1', 'No', 'such user') },
      ],
      ascii,
    );
    expect(status.split('\r\n')).toEqual([
      'Original-Envelope-Id: QQ 314',
      'Reporting-MTA: dns; mx.example.org',
      'Received-From-MTA: dns; client.example ([192.0.2.1])',
      'Arrival-Date: Fri, 02 Jan 2026 03:04:05 +0000',
      '',
      'Original-Recipient: rfc822; Bob@List.example',
      'Final-Recipient: rfc822; bob@server.example',
      'Action: delayed',
      'Status: 4.4.1',
      'Remote-MTA: dns; mx.server.example',
      'Diagnostic-Code: smtp; 421-4.4.1 wait',
      ' 421 4.4.1 for it',
      'Last-Attempt-Date: Fri, 02 Jan 2026 03:04:05 +0000',
      'Final-Log-Id: c7.1',
      'Will-Retry-Until: Fri, 02 Jan 2026 03:04:05 +0000',
      '',
      'Final-Recipient: rfc822; eve@server.example',
      'Action: failed',
      'Status: 5.1.1',
      'Diagnostic-Code: smtp; 550-5.1.1 No',
      ' 550 5.1.1 such user',
      '',
    ]);
  });

  it('has an address beyond ASCII as utf-8-addr-xtext, which loses nothing', () => {
    const originalRecipient = { type: 'utf-8', address: 'jörg+a@x', encoded: 'utf-8;jörg\\x{2B}a@x' };
    expect(recipient({ recipient: '用@x', originalRecipient })).toEqual([
      'Original-Recipient: utf-8; j\\x{F6}rg\\x{2B}a@x',
      'Final-Recipient: utf-8; \\x{7528}@x',
      'Action: failed',
      'Status: 5.0.0',
    ]);
  });

  it('has a name that is no domain as such, and nothing of a client that ends its comment', () => {
    expect(from('localhost')).toBe('Received-From-MTA: x-local-hostname; localhost ([192.0.2.1])');
    expect(from('[192.0.2.9]')).toBe('Received-From-MTA: dns; [192.0.2.9] ([192.0.2.1])');
    expect(from('a) (b\\\r\nAction: delivered')).toBe(
      'Received-From-MTA: x-local-hostname; a   b  Action: delivered ([192.0.2.1])',
    );
    expect(from('')).toBe('Received-From-MTA: x-local-hostname; unknown ([192.0.2.1])');
  });

  it('has of a diagnostic what can be printed', () => {
    expect(recipient({ diagnostic: '550 Größe\0\x1b[31m' })).toContain('Diagnostic-Code: smtp; 550 Gr??e  [31m');
    expect(recipient({ diagnostic: '550 Größe' }, global)).toContain('Diagnostic-Code: smtp; 550 Größe');
    expect(recipient({ diagnostic: 'connection refused' })).toContain('Diagnostic-Code: x-local; connection refused');
    expect(recipient({ diagnostic: '550 no\r\nAction: delivered\r\n\r\nStatus: 2.0.0' })).toContain(
      'Diagnostic-Code: x-local; 550 no\r\n Action: delivered\r\n Status: 2.0.0',
    );
    expect(recipient({ diagnostic: '\r\n' })).toHaveLength(3);
    expect(
      recipient({ diagnostic: '550-a\n'.repeat(1000) })
        .at(-1)!
        .split('\r\n'),
    ).toHaveLength(50);
  });
});

describe('message/global-delivery-status', () => {
  it('has addresses in UTF-8', () => {
    const originalRecipient = { type: 'utf-8', address: 'jörg+a@x', encoded: 'utf-8;j\\x{F6}rg\\x{2B}a@x' };
    expect(recipient({ recipient: '用@x', originalRecipient }, global)).toEqual([
      'Original-Recipient: utf-8; jörg+a@x',
      'Final-Recipient: utf-8; 用@x',
      'Action: failed',
      'Status: 5.0.0',
    ]);
  });
});

describe('Status', () => {
  it.each<[Partial<Report>, string]>([
    [{}, '5.0.0'],
    [{ action: 'delayed' }, '4.0.0'],
    [{ action: 'delivered' }, '2.0.0'],
    [{ status: '5.2.2' }, '5.2.2'],
    [{ status: '4.4.7' }, '4.4.7'],
    [{ diagnostic: replies.of(452, '4.2.2', 'full') }, '4.2.2'],
    [{ diagnostic: replies.of(550, undefined, 'no') }, '5.0.0'],
    [{ diagnostic: '550 5.1.1 no' }, '5.1.1'],
    [{ diagnostic: '550-5.1.1\r\n550 5.1.1 no' }, '5.1.1'],
    [{ diagnostic: '550 5.1.1.1 no' }, '5.0.0'],
    [{ diagnostic: '550 2.1.1 no' }, '5.0.0'],
    [{ diagnostic: '550 no 5.1.1' }, '5.0.0'],
    [{ action: 'delayed', diagnostic: '550 5.1.1 no' }, '4.0.0'],
    [{ action: 'relayed', diagnostic: '250 2.6.4 ok' }, '2.6.4'],
  ])('of %j is %s', (report, status) => {
    expect(statusOf({ ...failed, ...report })).toBe(status);
  });

  it.each<Partial<Report>>([
    { status: '2.0.0' },
    { action: 'delivered', status: '5.0.0' },
    { action: 'delayed', status: '5.0.0' },
    { status: '5.01.0' },
    { status: '5.0.0\r\nX: y' as '5.0.0' },
    { action: 'lost' as 'failed' },
  ])('refuses %j', (report) => {
    expect(() => statusOf({ ...failed, ...report })).toThrow(RangeError);
  });
});
