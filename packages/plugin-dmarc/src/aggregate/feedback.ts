import type { OverrideReason } from './evaluated.ts';
import type { Counted, DomainReport } from './memory.ts';
import { writeXml, type Element } from './xml.ts';

/** Who reports (RFC 9990 3.1.1.3). */
export interface Reporter {
  /** The reporting organization's name. */
  readonly orgName: string;
  /** Where to ask about its reports. */
  readonly email: string;
  /** The domain name of the mail receiver; in file names and subjects. */
  readonly receiver: string;
  readonly extraContactInfo?: string;
  /** The software's name and version. Default: `maitred`. */
  readonly generator?: string;
}

/** The XML of an aggregate report (RFC 9990 3.1.1, appendix A). */
export function feedbackXml(report: DomainReport, reporter: Reporter, id: string): string {
  const { published, begin, end, uncounted } = report;
  const metadata: Element[] = [
    ['org_name', reporter.orgName],
    ['email', reporter.email],
    ...optional('extra_contact_info', reporter.extraContactInfo),
    ['report_id', id],
    [
      'date_range',
      [
        ['begin', begin],
        ['end', end],
      ],
    ],
    ...(uncounted === 0
      ? []
      : optional('error', `${uncounted} messages more are not in this report: too many to tell apart`)),
    ['generator', reporter.generator ?? 'maitred'],
  ];
  const policy: Element[] = [
    ['domain', published.domain],
    ['discovery_method', 'treewalk'],
    ['p', published.p],
    ['sp', published.sp],
    ['np', published.np],
    ['fo', published.fo],
    ['adkim', published.adkim],
    ['aspf', published.aspf],
    ['testing', published.testing ? 'y' : 'n'],
  ];
  const content = writeXml(
    [['version', '1.0'], ['report_metadata', metadata], ['policy_published', policy], ...report.rows.map(record)],
    '  ',
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">\n${content}</feedback>\n`;
}

function record({ message, count }: Counted): Element {
  return [
    'record',
    [
      [
        'row',
        [
          ['source_ip', message.source],
          ['count', count],
          [
            'policy_evaluated',
            [
              ['disposition', message.disposition],
              ['dkim', message.aligned.dkim ? 'pass' : 'fail'],
              ['spf', message.aligned.spf ? 'pass' : 'fail'],
              ...message.reasons.map(reason),
            ],
          ],
        ],
      ],
      [
        'identifiers',
        [
          ['header_from', message.headerFrom],
          ['envelope_from', message.envelopeFrom],
          ...optional('envelope_to', message.envelopeTo),
        ],
      ],
      ['auth_results', authResults(message)],
    ],
  ];
}

function reason({ type, comment }: OverrideReason): Element {
  return ['reason', [['type', type], ...optional('comment', comment)]];
}

function authResults({ dkim, spf }: Counted['message']): Element[] {
  const signatures = dkim.map(({ domain, selector, result, comment }): Element => [
    'dkim',
    [['domain', domain], ['selector', selector], ['result', result], ...optional('human_result', comment)],
  ]);
  if (!spf) return signatures;
  const checked: Element = [
    'spf',
    [['domain', spf.domain], ['scope', 'mfrom'], ['result', spf.result], ...optional('human_result', spf.comment)],
  ];
  return [...signatures, checked];
}

const optional = (name: string, text: string | undefined): Element[] => (text === undefined ? [] : [[name, text]]);
