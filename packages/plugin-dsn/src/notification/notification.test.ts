import { fc } from '@fast-check/vitest';
import { replies } from '@maitred/core';
import { describe, expect, it } from 'vitest';
import { parsed, type Parsed } from '../../test/parsed.ts';
import type { Notify } from '../keys.ts';
import { notification, type NotificationOptions } from './notification.ts';
import type { Action, Original, Report } from './report.ts';
import type { Words } from './wording.ts';

const header = 'Received: from client.example\r\nFrom: ann@client.example\r\nSubject: hello\r\n';
const message = `${header}\r\nHello.\r\n`;
const original: Original = { sender: 'ann@client.example', content: () => [Buffer.from(message)] };
const failed: Report = {
  recipient: 'bob@server.example',
  action: 'failed',
  diagnostic: replies.of(550, '5.1.1', 'No such user'),
};
const options: NotificationOptions = { reportingMta: 'mx.example.org', now: Date.UTC(2026, 0, 2, 3, 4, 5) };

const of = async (about: Partial<Original>, reports: readonly Report[] = [failed], more = {}): Promise<Parsed> =>
  parsed(await notification({ ...original, ...about }, reports, { ...options, ...more }));
const content = (text: string | Buffer): Partial<Original> => ({ content: () => [Buffer.from(text as string)] });
const lf = (text: string): string => text.replaceAll('\r\n', '\n').trimEnd();
const value = ({ headers }: Parsed, name: string): string | undefined => headers.find(({ key }) => key === name)?.value;

/** An application's own, with line ends and a control character in it. */
const words = (): Words => ({ subject: 'Unzustellbar:\r\nGröße', text: 'Größe\nund\r\nGrüße\0' });
const to = (recipient: string, action: Action, notify?: Notify): Report => ({ recipient, action, notify });
const gone = (): AsyncIterable<Buffer> => ({
  [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('gone')) }),
});

describe('a notification', () => {
  it('is a report in three parts to the sender, from nobody', async () => {
    const made = (await notification(original, [failed], options))!;
    expect(made).toMatchObject({ envelope: { from: '', to: 'ann@client.example' }, eightBit: false, smtpUtf8: false });
    const read = await parsed(made);
    expect(read.octets.toString()).toContain(`\r\n\r\n${header}\r\n--`);
    expect(read.headers.map(({ key }) => key)).toEqual([
      'date',
      'from',
      'to',
      'subject',
      'message-id',
      'auto-submitted',
      'mime-version',
      'content-type',
      'content-transfer-encoding',
    ]);
    expect(value(read, 'date')).toBe('Fri, 02 Jan 2026 03:04:05 +0000');
    expect(value(read, 'from')).toBe('Mail Delivery System <postmaster@mx.example.org>');
    expect(value(read, 'to')).toBe('<ann@client.example>');
    expect(value(read, 'message-id')).toBe(made.messageId);
    expect(value(read, 'auto-submitted')).toBe('auto-replied');
    expect(value(read, 'content-type')).toMatch(
      /^multipart\/report; report-type=delivery-status; boundary="[^"]{32}"$/,
    );
    expect(read.text).toContain('could not be delivered to:\n\n  <bob@server.example>\n      550 5.1.1 No such user');
    expect(read.type).toBe('message/delivery-status');
    expect(read.status[1]).toContain('Diagnostic-Code: smtp; 550 5.1.1 No such user');
    expect(read.returned).toEqual({ type: 'text/rfc822-headers', content: lf(header) });
    expect(read.parts).toBe(3);
  });

  it('has lines of at most 998 octets, each with CRLF', async () => {
    const { octets } = await of({}, [
      { ...failed, diagnostic: `550 ${'x'.repeat(5000)}`, remoteMta: 'x'.repeat(5000) },
    ]);
    for (const line of octets.toString('latin1').split('\r\n')) expect(line).toMatch(/^[^\r\n]{0,998}$/);
  });

  it('can be read again and again', async () => {
    const made = (await notification(original, [failed], options))!;
    expect((await parsed(made)).octets).toEqual((await parsed(made)).octets);
  });

  it('has another id and other boundaries each time', async () => {
    const [a, b] = [await of({}), await of({})];
    expect(value(a, 'message-id')).not.toBe(value(b, 'message-id'));
    expect(value(a, 'content-type')).not.toBe(value(b, 'content-type'));
  });

  it('has two parts where there is nothing to return', async () => {
    expect(await of({ content: undefined })).toMatchObject({ parts: 2, returned: undefined });
  });

  it('tells who can be asked', async () => {
    const read = await of({}, [failed], { from: 'help@example.org' });
    expect(value(read, 'from')).toBe('Mail Delivery System <help@example.org>');
  });

  it('has words of the application', async () => {
    const read = await of({}, [failed], { words });
    expect(read).toMatchObject({ subject: 'Unzustellbar: Größe', text: 'Größe\nund\nGrüße' });
    expect(read.headers).toHaveLength(9);
    expect((await of({}, [failed], { words, returnPath: '7BIT' })).octets.toString('latin1')).toMatch(/^[\0-\x7f]*$/);
  });

  it.each<[Action, string, RegExp]>([
    ['failed', 'Undelivered mail', /could not be delivered to:/],
    ['delayed', 'Delayed mail', /will be tried again/],
    ['delivered', 'Delivered mail', /was delivered to:/],
    ['relayed', 'Relayed mail', /does not report deliveries/],
    ['expanded', 'Delivered mail', /several addresses/],
  ])('tells that a message was %s', async (action, subject, text) => {
    const notify: Notify = ['SUCCESS', 'FAILURE', 'DELAY'];
    const read = await of({}, [{ recipient: 'bob@server.example', action, notify }]);
    expect(read).toMatchObject({ subject, text: expect.stringMatching(text) });
    expect(read.status[1]).toContain(`Action: ${action}`);
  });

  it('tells all of several recipients, the gravest first', async () => {
    const eve: Report = { recipient: 'eve@server.example', action: 'delivered', notify: ['SUCCESS'] };
    const read = await of({}, [eve, failed]);
    expect(read.subject).toBe('Undelivered mail');
    expect(read.text).toMatch(/bob@[^]*eve@/);
    expect(read.status.map((group) => group[0])).toEqual([
      'Reporting-MTA: dns; mx.example.org',
      'Final-Recipient: rfc822; eve@server.example',
      'Final-Recipient: rfc822; bob@server.example',
    ]);
  });
});

describe('the null sender', () => {
  it('gets no notification, whatever was asked for', async () => {
    const notify: Notify = ['SUCCESS', 'FAILURE', 'DELAY'];
    for (const action of ['failed', 'delayed', 'delivered', 'relayed', 'expanded'] as const) {
      const reports: Report[] = [{ recipient: 'bob@server.example', action, notify }];
      expect(await notification({ ...original, sender: '', returnContent: 'FULL' }, reports, options)).toBeUndefined();
    }
  });
});

describe('NOTIFY', () => {
  it('leaves out whom the sender does not want to hear of, and all of it where that is everybody', async () => {
    const reports = [
      to('never@x.example', 'failed', ['NEVER']),
      to('delay@x.example', 'failed', ['DELAY']),
      to('failure@x.example', 'failed', ['FAILURE']),
      to('unsaid@x.example', 'failed'),
      to('delivered@x.example', 'delivered'),
      to('success@x.example', 'delivered', ['SUCCESS']),
    ];
    const made = (await notification(original, reports, options))!;
    expect(made.reports.map(({ recipient }) => recipient)).toEqual([
      'failure@x.example',
      'unsaid@x.example',
      'success@x.example',
    ]);
    expect((await parsed(made)).octets.toString()).not.toMatch(/never@|delay@|delivered@/);
    expect(await notification(original, [reports[0]!, reports[1]!, reports[4]!], options)).toBeUndefined();
    expect(await notification(original, [], options)).toBeUndefined();
  });
});

describe('ENVID', () => {
  it('comes back decoded, and only where it was given', async () => {
    const read = await of({ envelopeId: { value: 'QQ 3=1', encoded: 'QQ+203+3D1' } });
    expect(read.status[0]).toContain('Original-Envelope-Id: QQ 3=1');
    expect((await of({})).status[0]!.join()).not.toContain('Original-Envelope-Id');
  });
});

describe('RET', () => {
  const full = { type: 'message/rfc822', content: lf(message) };
  const hdrs = { type: 'text/rfc822-headers', content: lf(header) };
  const delivered: Report = { recipient: 'bob@server.example', action: 'delivered', notify: ['SUCCESS'] };

  it('returns the message or its header with a failure', async () => {
    expect(await of({ returnContent: 'FULL' })).toMatchObject({ returned: full });
    expect(await of({ returnContent: 'HDRS' })).toMatchObject({ returned: hdrs });
    expect(await of({ returnContent: 'FULL' }, [delivered, failed])).toMatchObject({ returned: full });
  });

  it('returns the header with anything else', async () => {
    expect(await of({ returnContent: 'FULL' }, [delivered])).toMatchObject({ returned: hdrs });
    expect(await of({ returnContent: 'FULL' }, [delivered, { ...failed, notify: ['NEVER'] }])).toMatchObject({
      returned: hdrs,
    });
  });

  it('is what the application says where the client left it to us', async () => {
    expect(await of({}, [failed], { unasked: 'FULL' })).toMatchObject({ returned: full });
    expect(await of({ returnContent: 'HDRS' }, [failed], { unasked: 'FULL' })).toMatchObject({ returned: hdrs });
  });

  it('returns the header of a message that is too large', async () => {
    const returnContent = 'FULL';
    expect(await of({ returnContent }, [failed], { largest: message.length })).toMatchObject({ returned: full });
    expect(await of({ returnContent }, [failed], { largest: message.length - 1 })).toMatchObject({ returned: hdrs });
  });

  it.each([
    ['is not the end of a line', 'Hello.', true],
    ['has a NUL', 'Hel\0lo.\r\n', false],
    ['has a bare LF', 'Hel\nlo.\r\n', false],
    ['has a line beyond 998 octets', `${'x'.repeat(999)}\r\n`, false],
  ])('returns the message if it can be a part: its end %s', async (_, body, whole) => {
    const read = await of({ returnContent: 'FULL', ...content(`${header}\r\n${body}`) });
    const rfc822 = { type: 'message/rfc822', content: lf(`${header}\r\n${body}`) };
    expect(read).toMatchObject({ returned: whole ? rfc822 : hdrs });
  });

  it('returns of a header beyond 256 KiB what is whole', async () => {
    const field = `X: ${'x'.repeat(995)}\r\n`;
    const { returned } = await of({ ...content(`${field.repeat(300)}\r\nHello.\r\n`), returnContent: 'HDRS' });
    expect(returned?.content).toBe(lf(field.repeat(Math.floor((256 * 1024) / field.length))));
  });

  it('returns eight bits as they are, or the header on a way of seven', async () => {
    const eight = { returnContent: 'FULL', ...content(`${header}\r\nGrüße\r\n`) } as const;
    const made = await notification({ ...original, ...eight }, [failed], options);
    expect(made).toMatchObject({ eightBit: true, smtpUtf8: false });
    const read = await parsed(made);
    expect(read.returned).toEqual({ type: 'message/rfc822', content: lf(`${header}\r\nGrüße\r\n`) });
    expect(value(read, 'content-transfer-encoding')).toBe('8bit');
    const seven = await of(eight, [failed], { returnPath: '7BIT' });
    expect(seven.returned).toEqual(hdrs);
    expect(value(seven, 'content-transfer-encoding')).toBe('7bit');
  });
});

describe('RFC 6533', () => {
  const global = 'Subject: Grüße\r\n';
  const utf8: Partial<Original> = { ...content(`${global}\r\nHello.\r\n`), returnContent: 'FULL' };
  const reports: Report[] = [{ recipient: 'jörg@server.example', action: 'failed', diagnostic: '550 Größe' }];

  it('sends everything as it is to a sender beyond ASCII', async () => {
    const made = await notification({ ...original, ...utf8, sender: '用@例子.example' }, reports, options);
    expect(made).toMatchObject({ envelope: { to: '用@例子.example' }, eightBit: true, smtpUtf8: true });
    const read = await parsed(made);
    expect(value(read, 'to')).toBe('<用@例子.example>');
    expect(read.type).toBe('message/global-delivery-status');
    expect(read.status[1]).toEqual(
      expect.arrayContaining(['Final-Recipient: utf-8; jörg@server.example', 'Diagnostic-Code: smtp; 550 Größe']),
    );
    expect(read.returned).toEqual({ type: 'message/global', content: lf(`${global}\r\nHello.\r\n`) });
  });

  it('sends everything as it is where the application knows the way back', async () => {
    const made = await notification({ ...original, ...utf8 }, reports, { ...options, returnPath: 'SMTPUTF8' });
    expect(made).toMatchObject({ eightBit: true, smtpUtf8: true });
    expect(await parsed(made)).toMatchObject({ type: 'message/global-delivery-status' });
  });

  it.each(['8BITMIME', '7BIT'] as const)('encodes for a way back of %s', async (returnPath) => {
    const made = await notification({ ...original, ...utf8 }, reports, { ...options, returnPath });
    expect(made).toMatchObject({ smtpUtf8: false });
    const read = await parsed(made);
    expect(read.type).toBe('message/delivery-status');
    expect(read.status[1]).toEqual([
      'Final-Recipient: utf-8; j\\x{F6}rg@server.example',
      'Action: failed',
      'Status: 5.0.0',
      'Diagnostic-Code: smtp; 550 Gr??e',
    ]);
    expect(read.returned).toEqual({ type: 'message/global', content: lf(`${global}\r\nHello.\r\n`) });
    expect(read.octets.toString('latin1')).toContain(
      'Content-Type: message/global\r\nContent-Transfer-Encoding: base64',
    );
  });

  it('returns a header alone as message/global-headers', async () => {
    const headers = { type: 'message/global-headers', content: lf(global) };
    expect(await of({ ...utf8, returnContent: 'HDRS' })).toMatchObject({ returned: headers });
    const known = await of({ ...utf8, returnContent: 'HDRS' }, [failed], { returnPath: 'SMTPUTF8' });
    expect(known).toMatchObject({ returned: headers });
    expect(known.octets.toString()).toContain('Subject: Grüße');
  });

  it('takes a header that is no UTF-8 for what it was', async () => {
    const latin1 = Buffer.from('Subject: Gr\xfc\xdfe\r\n', 'latin1');
    const read = await of({ content: () => [latin1, Buffer.from('\r\n')] });
    expect(read.returned).toMatchObject({ type: 'text/rfc822-headers' });
    expect(read.octets.includes(latin1)).toBe(true);
  });

  it('uses the traditional types where ASCII says it all', async () => {
    const made = await notification(original, [failed], { ...options, returnPath: 'SMTPUTF8' });
    expect(made).toMatchObject({ eightBit: false, smtpUtf8: false });
    expect(await parsed(made)).toMatchObject({ type: 'message/delivery-status' });
  });
});

describe('what the caller got wrong', () => {
  it.each<[string, Partial<Original>, Partial<Report>, Partial<NotificationOptions>]>([
    ['no server', {}, {}, { reportingMta: '' }],
    ['a server that is none', {}, {}, { reportingMta: 'mx\r\nBcc: a@b' }],
    ['a sender that is no mailbox', { sender: 'ann' }, {}, {}],
    ['a sender that is two', { sender: 'ann@x>, <bob@y' }, {}, {}],
    ['a sender with a line end', { sender: 'ann@x\r\nBcc: bob@y' }, {}, {}],
    ['a sender with a quoted line end', { sender: '"ann\r\nBcc: bob"@y' }, {}, {}],
    ['a sender in brackets', { sender: '<ann@x>' }, {}, {}],
    ['nobody to ask', {}, {}, { from: '' }],
    ['a status of another class', {}, { status: '2.0.0' }, {}],
    ['an action that is none', {}, { action: 'lost' as 'failed', notify: undefined }, {}],
    ['a time that is none', { arrived: Number.NaN }, {}, {}],
    ['a date that is none', {}, {}, { now: Number.POSITIVE_INFINITY }],
  ])('is told: %s', async (_, about, report, more) => {
    const making = notification({ ...original, ...about }, [{ ...failed, ...report }], { ...options, ...more });
    await expect(making).rejects.toThrow(RangeError);
  });

  it('is told when the content fails, where it is read', async () => {
    await expect(notification({ ...original, content: gone }, [failed], options)).rejects.toThrow('gone');
  });
});

describe('what strangers wrote', () => {
  const evil = fc
    .array(
      fc.constantFrom(
        '\r\n',
        '\n',
        '\r',
        '\0',
        '\u2028',
        '\x85',
        ' ',
        '--',
        'Bcc: eve@x.example',
        '\r\n\r\n',
        'Action: delivered',
        'é',
        '(',
        ')',
        '\\',
        '"',
        '<',
        '>',
        ';',
        'a'.repeat(400),
      ),
      { maxLength: 8 },
    )
    .map((pieces) => pieces.join(''));

  it('adds no field, no recipient and no part', async () => {
    const strings = fc.record({ a: evil, b: evil, c: evil, d: evil, e: evil, f: evil, g: evil, subject: evil });
    const property = fc.asyncProperty(strings, fc.boolean(), async ({ a, b, c, d, e, f, g, subject }, utf8) => {
      const read = await of(
        {
          envelopeId: { value: a, encoded: '' },
          receivedFrom: { helo: b, address: c },
          ...content(`Subject: ${subject}\r\n\r\n`),
        },
        [
          {
            recipient: d,
            originalRecipient: { type: e, address: a, encoded: '' },
            action: 'failed',
            diagnostic: `550 ${f}`,
            remoteMta: g,
            finalLogId: f,
          },
          { ...failed, diagnostic: { code: 550, lines: [f, g] } },
        ],
        utf8 ? { returnPath: 'SMTPUTF8' } : {},
      );
      expect(read.headers).toHaveLength(9);
      expect(read.headers.map(({ key }) => key)).not.toContain('bcc');
      expect(read.parts).toBe(3);
      const names = read.status.map((group) => group.map((line) => /^[A-Za-z-]+(?=: )/.exec(`${line} `)?.[0]));
      expect(names).toEqual([
        ['Original-Envelope-Id', 'Reporting-MTA', 'Received-From-MTA'],
        ['Original-Recipient', 'Final-Recipient', 'Action', 'Status', 'Remote-MTA', 'Diagnostic-Code', 'Final-Log-Id'],
        ['Final-Recipient', 'Action', 'Status', 'Diagnostic-Code'],
      ]);
      for (const group of read.status.slice(1))
        expect(group.filter((line) => line === 'Action: failed')).toHaveLength(1);
    });
    await fc.assert(property);
  });

  it('ends no part: a boundary is made after it', async () => {
    const before = await of({});
    const boundary = /boundary="([^"]+)"/.exec(value(before, 'content-type')!)![1]!;
    const body = `${header}\r\n--${boundary}--\r\n--${boundary}\r\nContent-Type: text/html\r\n\r\nx\r\n`;
    const after = await of({ ...content(body), returnContent: 'FULL' });
    expect(after).toMatchObject({ parts: 3, returned: { content: lf(body) } });
  });
});
