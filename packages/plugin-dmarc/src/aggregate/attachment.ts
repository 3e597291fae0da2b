import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { isDomain } from '@maitred/core';
import { feedbackXml, type Reporter } from './feedback.ts';
import type { DomainReport } from './memory.ts';

/** An aggregate report, ready to be sent (RFC 9990 3.5). */
export interface AggregateReport {
  /** The Report-ID: the same whenever the same report is made again. */
  readonly id: string;
  /** The policy domain it is about. */
  readonly domain: string;
  /** Where its owner asks to have it sent; whether that may be, `reportDestinations` tells (RFC 9990 4). */
  readonly rua: readonly string[];
  /** What the message's Subject has to say (RFC 9990 3.5.2). */
  readonly subject: string;
  readonly filename: string;
  readonly contentType: 'application/gzip';
  readonly content: Buffer;
  readonly xml: string;
}

/**
 * Makes a report of what was counted: the XML, compressed, under the name that RFC 9990 3.5.2 gives it.
 *
 * Throws RangeError for a receiver that is no domain name, and for a report without rows or on what is no domain.
 */
export async function aggregateReport(report: DomainReport, reporter: Reporter): Promise<AggregateReport> {
  const { published, begin, end, rows } = report;
  const { domain, rua } = published;
  if (!isDomain(reporter.receiver)) throw new RangeError(`${reporter.receiver} is no domain name to report from`);
  if (!isDomain(domain)) throw new RangeError('a report is about a domain name');
  if (rows.length === 0) throw new RangeError(`a report on ${domain} has a row at least`);
  // Of what it says: two servers of one name report apart, and a report made twice is the same (RFC 9990 3.5.1).
  const id = createHash('sha256')
    .update(feedbackXml(report, reporter, ''))
    .digest('hex')
    .slice(0, 32);
  const xml = feedbackXml(report, reporter, id);
  return {
    id,
    domain,
    rua,
    subject: `Report Domain: ${domain} Submitter: ${reporter.receiver} Report-ID: ${id}`,
    filename: `${reporter.receiver}!${domain}!${begin}!${end}!${id}.xml.gz`,
    contentType: 'application/gzip',
    content: await compress(xml),
    xml,
  };
}

const compress = promisify(gzip);
