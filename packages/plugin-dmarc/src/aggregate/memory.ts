import { isDomain } from '@maitred/core';
import type { Evaluated, Reports } from './evaluated.ts';
import type { Published } from './published.ts';
import { short } from '../short.ts';
import { sourceAddress } from './source.ts';

/** How many messages came alike. */
export interface Counted {
  readonly message: Omit<Evaluated, 'at' | 'published'>;
  readonly count: number;
}

/** What one domain's owner is to be told of a period (RFC 9990 3.1.2): the data of one report. */
export interface DomainReport {
  /** The record that was seen last (RFC 9990 3.3). */
  readonly published: Published;
  /** The period's first and last second, since 1970. */
  readonly begin: number;
  readonly end: number;
  readonly rows: readonly Counted[];
  /** Messages beyond the limits, which are in none of the rows. */
  readonly uncounted: number;
}

/** Limits of {@link memoryReports}; each has a default. */
export interface MemoryReportsOptions {
  /** Rows of all domains together. Default: 10,000. */
  readonly rows?: number;
  /** Octets, about, that all of it may take. Default: 20,971,520. */
  readonly octets?: number;
  /** Rows of one domain. Default: 1,000. */
  readonly rowsPerDomain?: number;
  /** When the period begins, in milliseconds since 1970. Default: now. */
  readonly since?: number;
}

/** Counts in memory; what isn't taken is lost with the process. */
export interface MemoryReports extends Reports {
  add(evaluated: Evaluated): void;
  /** Ends the period at `until`, in milliseconds since 1970 (default: now), begins the next, and gives a report of each domain. */
  take(until?: number): DomainReport[];
}

/**
 * Counts what was evaluated for domains that ask for aggregate reports (`rua`), in rows of messages that came alike.
 * Beyond the limits, rows that are there count on and new ones are not made.
 */
export function memoryReports({
  rows: mostRows = 10_000,
  octets: mostOctets = 20 * 1024 * 1024,
  rowsPerDomain = 1000,
  since = Date.now(),
}: MemoryReportsOptions = {}): MemoryReports {
  let domains = new Map<string, Gathered>();
  let rows = 0;
  let octets = 0;
  let begin = since;

  return {
    add(evaluated) {
      const source = sourceAddress(evaluated.source);
      // A name that no host can have is a stranger's joke on whoever writes files by it.
      if (source === undefined || evaluated.published.rua.length === 0 || !isDomain(evaluated.published.domain)) return;
      const published = copied(JSON.stringify(evaluated.published)) as Published;
      const known = domains.get(published.domain);
      // A domain of its own would be a row, too: nobody fills the memory with records.
      if (!known && (rows >= mostRows || octets >= mostOctets)) return;
      const gathered: Gathered = known ?? { published, rows: new Map(), uncounted: 0 };
      if (!known) octets += weightOf(JSON.stringify(published));
      gathered.published = published;
      domains.set(published.domain, gathered);
      const alike = JSON.stringify(bounded(evaluated, source));
      const row = gathered.rows.get(alike);
      if (row) row.count += 1;
      else if (rows >= mostRows || octets >= mostOctets || gathered.rows.size >= rowsPerDomain) gathered.uncounted += 1;
      else {
        gathered.rows.set(alike, { message: copied(alike) as Counted['message'], count: 1 });
        rows += 1;
        octets += weightOf(alike);
      }
    },

    take(until = Date.now()) {
      const from = Math.floor(begin / 1000);
      const period = { begin: from, end: Math.max(from, Math.ceil(until / 1000) - 1) };
      const taken = [...domains.values()];
      domains = new Map();
      rows = 0;
      octets = 0;
      begin = until;
      return taken.map(({ rows, ...rest }) => ({ ...rest, ...period, rows: [...rows.values()] }));
    },
  };
}

/** Of its own: a piece of a header or of a record would keep all of that in memory. */
const copied = (json: string): unknown => JSON.parse(json);

/** Once as text, and once as what it says. */
const weightOf = (json: string): number => 1024 + 2 * json.length;

interface Gathered {
  published: Published;
  readonly rows: Map<string, { readonly message: Counted['message']; count: number }>;
  uncounted: number;
}

/** RFC 9990 3.1.3: no more signatures than this in a row. */
const mostSignatures = 100;

/** The same message, of a size that no stranger decides, in one order of its parts. */
function bounded(evaluated: Evaluated, source: string): Counted['message'] {
  const { disposition, aligned, reasons, headerFrom, envelopeFrom, envelopeTo, dkim, spf } = evaluated;
  return {
    source,
    disposition,
    aligned: { dkim: aligned.dkim, spf: aligned.spf },
    reasons: reasons.slice(0, mostSignatures).map(({ type, comment }) => ({ type, ...said(comment) })),
    headerFrom: short(headerFrom),
    envelopeFrom: short(envelopeFrom),
    ...(envelopeTo === undefined ? {} : { envelopeTo: short(envelopeTo) }),
    dkim: dkim
      .filter(({ domain, selector }) => domain !== '' && selector !== '')
      .slice(0, mostSignatures)
      .map(({ domain, selector, result, comment }) => ({
        domain: short(domain),
        selector: short(selector),
        result,
        ...said(comment),
      })),
    ...(spf && { spf: { domain: short(spf.domain), result: spf.result, ...said(spf.comment) } }),
  };
}

const said = (comment: string | undefined): { comment?: string } =>
  comment === undefined ? {} : { comment: short(comment) };
