import { Buffer } from 'node:buffer';
import { randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { isAddressLiteral, isDomain, parsePath, type Path } from '@maitred/core';
import { deliveryStatus } from './delivery-status.ts';
import { encodedWords } from './encoded-words.ts';
import { dateTime, field, oneLine } from './field.ts';
import { textPart, written, type Part, type ReturnPath } from './part.ts';
import type { Original, Report } from './report.ts';
import { returned } from './returned.ts';
import { isWanted } from './wanted.ts';
import { words, type Words, type WordsContext } from './wording.ts';

/** How notifications are made. */
export interface NotificationOptions {
  /** The name of this server, which tried to deliver: a domain or an address literal. */
  readonly reportingMta: string;
  /** Who can be asked about it: `local@domain`. Default: the postmaster of `reportingMta` (RFC 3464 2). */
  readonly from?: string;
  /** What the way back is known to take. Default: 8BITMIME; to a sender beyond ASCII always SMTPUTF8. */
  readonly returnPath?: ReturnPath;
  /** What a failure returns where the client left it to us. Default: HDRS. */
  readonly unasked?: 'FULL' | 'HDRS';
  /** Octets of the largest message that is returned whole (RFC 3461 6.2). Default: 10 MiB. */
  readonly largest?: number;
  /** What a person reads, in a language of yours. Default: {@link words}, English. */
  readonly words?: (context: WordsContext) => Words;
  /** The notification's date, milliseconds since 1970. Default: now. */
  readonly now?: number;
}

/** A delivery status notification, ready to be sent. */
export interface Notification {
  /** MAIL and RCPT it is sent with (RFC 3461 6.1). RET must not be used with it, and no NOTIFY but NEVER. */
  readonly envelope: { readonly from: ''; readonly to: string };
  readonly messageId: string;
  /** What it tells: of the reports given those that the sender wants. */
  readonly reports: readonly Report[];
  /** Whether it has octets beyond ASCII: BODY=8BITMIME. */
  readonly eightBit: boolean;
  /** Whether an address or a returned header is beyond ASCII: SMTPUTF8. */
  readonly smtpUtf8: boolean;
  /** The whole message with its CRLFs, as often as asked for; content is read while it is. */
  stream(): Readable;
}

/**
 * Makes the notification (RFC 3464, RFC 6522, RFC 6533) that tells a message's sender what became of it, for those
 * recipients whose NOTIFY asks for that; RET=FULL returns the message if one of them failed, otherwise its header section
 * is returned. Nothing that a stranger wrote can end a field or a part of it.
 *
 * Undefined when there is nothing to send: the sender is the null path, which never gets one (RFC 3461 5.2), or wants none
 * of the reports. Tell the postmaster of a failure then. Rejects with a RangeError for what the caller got wrong: an
 * address or a name that is none, a status of another class than its action, a time that is none.
 */
export async function notification(
  original: Original,
  reports: readonly Report[],
  options: NotificationOptions,
): Promise<Notification | undefined> {
  const { reportingMta, unasked = 'HDRS', largest = 10 * 1024 * 1024, now = Date.now() } = options;
  if (!isDomain(reportingMta) && !isAddressLiteral(reportingMta)) {
    throw new RangeError(`reportingMta is a domain or an address literal, not ${JSON.stringify(reportingMta)}`);
  }
  if (original.sender === '') return undefined;
  const to = mailbox('the sender', original.sender);
  const from = mailbox('from', options.from ?? `postmaster@${reportingMta}`);
  const wanted = reports.filter(({ notify, action }) => isWanted(notify, action));
  if (wanted.length === 0) return undefined;

  const returnPath = to.ascii && from.ascii ? (options.returnPath ?? '8BITMIME') : 'SMTPUTF8';
  const what = wanted.some(({ action }) => action === 'failed') ? (original.returnContent ?? unasked) : 'HDRS';
  const { subject, text } = (options.words ?? words)({ reportingMta, reports: wanted });
  const utf8 = returnPath === 'SMTPUTF8';
  const status = deliveryStatus(original, wanted, { reportingMta, utf8 });
  const statusType = /[^\0-\x7f]/.test(status) ? 'message/global-delivery-status' : 'message/delivery-status';
  const parts: Part[] = [
    textPart('text/plain; charset=utf-8', lines(text), returnPath),
    textPart(statusType, status, returnPath),
  ];
  if (original.content) parts.push(await returned(original.content, { what, largest, returnPath }));

  const eightBit = parts.some(({ encoding }) => encoding === '8bit');
  const messageId = `<${randomUUID()}@${reportingMta}>`;
  // Made after the content, and of octets that nobody can guess: no line of it can be this.
  const boundary = randomBytes(24).toString('base64url');
  const header = [
    field('Date', dateTime(now), utf8),
    field('From', `Mail Delivery System <${from.mailbox}>`, utf8),
    field('To', `<${to.mailbox}>`, utf8),
    `Subject: ${encodedWords(oneLine(subject, true).trim())}\r\n`,
    `Message-ID: ${messageId}\r\n`,
    'Auto-Submitted: auto-replied\r\n',
    'MIME-Version: 1.0\r\n',
    `Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="${boundary}"\r\n`,
    `Content-Transfer-Encoding: ${eightBit ? '8bit' : '7bit'}\r\n`,
  ].join('');
  return {
    envelope: { from: '', to: to.mailbox },
    messageId,
    reports: wanted,
    eightBit,
    smtpUtf8: !to.ascii || !from.ascii || parts.some(needsUtf8),
    stream: () => Readable.from(report(header, boundary, parts), { objectMode: false }),
  };
}

/** A mailbox of the caller's, or of a queue's: only one that is one gets into a field. */
function mailbox(what: string, text: string): Path {
  const parsed = parsePath(`<${text}>`);
  if (typeof parsed === 'object' && parsed.rest === text.length + 2 && parsed.path.domain !== undefined)
    return parsed.path;
  throw new RangeError(`${what} is local@domain, not ${JSON.stringify(text)}`);
}

/** RFC 6532 3.7, RFC 6533 4.5. */
const needsUtf8 = ({ type, encoding }: Part): boolean => type.startsWith('message/global') && encoding === '8bit';

/** Text with CRLFs at its lines' ends, and of other control characters TAB alone. */
function lines(text: string): string {
  const clean = text.replace(/\r\n|\r/g, '\n').replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, ' ');
  return `${clean.trimEnd().replaceAll('\n', '\r\n')}\r\n`;
}

async function* report(header: string, boundary: string, parts: readonly Part[]): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${header}\r\nThis is a report in several parts (MIME).\r\n`);
  for (const part of parts) {
    yield Buffer.from(`\r\n--${boundary}\r\n`);
    yield* written(part);
  }
  yield Buffer.from(`\r\n--${boundary}--\r\n`);
}
