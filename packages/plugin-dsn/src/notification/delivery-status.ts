import { isAddressLiteral, isDomain, type EnhancedCode, type Reply } from '@maitred/core';
import { encodeUnitext } from '../unitext.ts';
import { dateTime, field, oneLine } from './field.ts';
import type { Action, Original, Report } from './report.ts';

/** A diagnostic's lines beyond that many are left out. */
const LINES = 50;

/**
 * The fields of message/delivery-status (RFC 3464 2.2, 2.3), or, if `utf8`, of message/global-delivery-status, whose
 * addresses and diagnostics are UTF-8 (RFC 6533 4.1). Without it an address beyond ASCII is utf-8-addr-xtext, which loses
 * nothing, and in a diagnostic `?` stands for what isn't ASCII. Nothing in the values can end a field.
 *
 * Throws RangeError for a time that is none, and a status that is none or of another class than the action.
 */
export function deliveryStatus(
  { envelopeId, receivedFrom, arrived }: Original,
  reports: readonly Report[],
  { reportingMta, utf8 }: { readonly reportingMta: string; readonly utf8: boolean },
): string {
  const line = (name: string, value: string | undefined): string =>
    value === undefined ? '' : field(name, value, utf8);
  const time = (name: string, ms: number | undefined): string => (ms === undefined ? '' : line(name, dateTime(ms)));

  const message = [
    line('Original-Envelope-Id', envelopeId?.value),
    line('Reporting-MTA', mtaName(reportingMta)),
    line('Received-From-MTA', receivedFrom && client(receivedFrom)),
    time('Arrival-Date', arrived),
  ];
  const recipients = reports.map((report) => {
    const { originalRecipient: original, recipient, action, remoteMta, finalLogId } = report;
    return [
      line('Original-Recipient', original && typed(original.type, original.address, utf8)),
      line('Final-Recipient', typed('rfc822', recipient, utf8)),
      line('Action', action),
      line('Status', statusOf(report)),
      line('Remote-MTA', remoteMta === undefined ? undefined : mtaName(remoteMta)),
      diagnosticCode(report, utf8),
      time('Last-Attempt-Date', report.lastAttempt),
      line('Final-Log-Id', finalLogId),
      action === 'delayed' ? time('Will-Retry-Until', report.willRetryUntil) : '',
    ];
  });
  return [message, ...recipients].map((group) => group.join('')).join('\r\n');
}

/** An address behind its type; beyond ASCII it is of type `utf-8`, whatever the type was. */
function typed(type: string, address: string, utf8: boolean): string {
  if (!/[^\0-\x7f]/.test(address))
    return `${type}; ${type === 'utf-8' && !utf8 ? encodeUnitext(address, 'xtext') : address}`;
  return `utf-8; ${utf8 ? address : encodeUnitext(address, 'xtext')}`;
}

/** A server's name behind its type, which is `dns` only for one that can be looked up (RFC 3461 6.3 b). */
function mtaName(name: string): string {
  const known = isAddressLiteral(name) || (isDomain(name) && name.includes('.'));
  return `${known ? 'dns' : 'x-local-hostname'}; ${name}`;
}

function client({ helo, address }: NonNullable<Original['receivedFrom']>): string {
  // The client says in EHLO what it likes: nothing that would end the comment, or begin one.
  const name = mtaName(helo === '' ? 'unknown' : helo.replace(/[()\\]/g, ' '));
  return address === undefined || address === '' ? name : `${name} ([${address}])`;
}

const classes: Readonly<Record<Action, readonly string[]>> = {
  failed: ['5', '4'],
  delayed: ['4'],
  delivered: ['2'],
  relayed: ['2'],
  expanded: ['2'],
};

const STATUS = /^[245]\.(?:0|[1-9]\d{0,2})\.(?:0|[1-9]\d{0,2})$/;
/** A reply as another server wrote it, from where its enhanced code begins (RFC 2034 3). */
const ENHANCED = /^[245]\d\d[ -]([245]\.(?:0|[1-9]\d{0,2})\.(?:0|[1-9]\d{0,2}))(?![^ \r\n])/;

/** The status of a report (RFC 3464 2.3.4). */
export function statusOf({ action, status, diagnostic }: Report): EnhancedCode {
  const fit = classes[action] as readonly string[] | undefined;
  if (!fit) throw new RangeError(`${action} is no action: it is failed, delayed, delivered, relayed or expanded`);
  if (status === undefined) {
    const theirs = typeof diagnostic === 'string' ? ENHANCED.exec(diagnostic)?.[1] : diagnostic?.enhanced;
    const usable = theirs !== undefined && fit.includes(theirs.charAt(0));
    return usable ? (theirs as EnhancedCode) : `${fit[0] as '2' | '4' | '5'}.0.0`;
  }
  if (!STATUS.test(status) || !fit.includes(status.charAt(0))) {
    throw new RangeError(`${status} is no status of what was ${action}: its class is ${fit.join(' or ')}`);
  }
  return status;
}

/** The lines of a diagnostic, as they would stand on the wire. */
export function diagnosticLines({ diagnostic }: Report, utf8: boolean): string[] {
  if (diagnostic === undefined) return [];
  const lines = typeof diagnostic === 'string' ? diagnostic.split(/\r\n|[\r\n]/) : replyLines(diagnostic);
  return lines
    .slice(0, LINES)
    .map((line) => oneLine(line, utf8).trim())
    .filter((line) => line !== '');
}

/** Diagnostic-Code (RFC 3461 9.2): each line but the first behind a space. */
function diagnosticCode(report: Report, utf8: boolean): string {
  const lines = diagnosticLines(report, utf8);
  if (lines.length === 0) return '';
  const type = lines.every((line) => /^[2-5]\d\d(?:[ -]|$)/.test(line)) ? 'smtp' : 'x-local';
  return `Diagnostic-Code: ${type}; ${lines.join('\r\n ')}\r\n`;
}

function replyLines({ code, enhanced, lines }: Reply): string[] {
  const prefix = enhanced === undefined ? '' : `${enhanced} `;
  return lines.map((line, at) => `${code}${at < lines.length - 1 ? '-' : ' '}${prefix}${line}`);
}
