import type { Resinfo } from '@maitred/authentication-results';
import { parsePath, type Content, type Path, type Recipient } from '@maitred/core';
import { describe, expect, it } from 'vitest';
import { tableOf } from './verdicts.ts';

const path = (text: string): Path => (parsePath(text) as { path: Path }).path;
const message = {
  sender: path('<ann@sender.example>'),
  recipients: [{ path: path('<bob@example.org>') } as Recipient, { path: path('<eve@example.org>') } as Recipient],
  remote: { address: '192.0.2.1', port: 1 },
  helo: 'mail\u001b[31m.example',
  content: { size: 1234 } as Content,
};
const results: Resinfo[] = [
  { method: 'spf', result: 'pass', comment: 'fine', properties: [{ ptype: 'smtp', property: 'mailfrom', value: 'a' }] },
  { method: 'dmarc', result: 'none', properties: [] },
  { method: 'dkim', result: 'temperror', reason: 'no\r\nkey', properties: [] },
];

describe('the table of a message', () => {
  it('has a line for each result, in columns, and nothing that a terminal would obey', () => {
    expect(tableOf(message, results).split('\n')).toEqual([
      '<ann@sender.example> → bob@example.org, eve@example.org, 1234 octets from 192.0.2.1 (mail·[31m.example)',
      '  spf    pass       fine     smtp.mailfrom=a',
      '  dmarc  none',
      '  dkim   temperror  no··key',
    ]);
  });
});
