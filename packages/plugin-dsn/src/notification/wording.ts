import { diagnosticLines } from './delivery-status.ts';
import { oneLine } from './field.ts';
import type { Action, Report } from './report.ts';

/** What a person reads of a notification. */
export interface Words {
  /** One line; beyond ASCII it is encoded (RFC 2047). */
  readonly subject: string;
  /** Lines of any length, of any characters. */
  readonly text: string;
}

/** What words are made of. */
export interface WordsContext {
  /** The name of the server that reports. */
  readonly reportingMta: string;
  /** What is reported, in the order given. */
  readonly reports: readonly Report[];
}

const subjects: Readonly<Record<Action, string>> = {
  failed: 'Undelivered mail',
  delayed: 'Delayed mail',
  delivered: 'Delivered mail',
  relayed: 'Relayed mail',
  expanded: 'Delivered mail',
};

const told: Readonly<Record<Action, string>> = {
  failed: 'Your message could not be delivered to:',
  delayed:
    'Your message could not be delivered yet, and will be tried again. You need not send it again. It waits for:',
  delivered: 'Your message was delivered to:',
  relayed: 'Your message was passed on to a server that does not report deliveries, for:',
  expanded: 'Your message was delivered, and sent on to several addresses, for:',
};

const order: readonly Action[] = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'];

/** The words of a notification in English; the gravest action names it. */
export function words({ reportingMta, reports }: WordsContext): Words {
  const present = order.filter((action) => reports.some((report) => report.action === action));
  const paragraphs = present.map((action) => {
    const lines = reports.filter((report) => report.action === action).map(about);
    return `${told[action]}\n\n${lines.join('\n')}`;
  });
  return {
    subject: subjects[present[0] ?? 'failed'],
    text: [`This is the mail system at ${reportingMta}.`, ...paragraphs].join('\n\n'),
  };
}

function about(report: Report): string {
  const lines = diagnosticLines(report, true).map((line) => `      ${line}`);
  const from =
    report.remoteMta === undefined || lines.length === 0 ? [] : [`    ${oneLine(report.remoteMta, true)} said:`];
  return [`  <${oneLine(report.recipient, true)}>`, ...from, ...lines].join('\n');
}
