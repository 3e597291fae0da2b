import { describe, expect, it } from 'vitest';
import { failed, passed, published } from '../../test/evaluated.ts';
import { memoryReports } from './memory.ts';

describe('memoryReports', () => {
  it('counts messages that came alike in one row', () => {
    const reports = memoryReports({ since: 1_800_000_000_000 });
    for (const message of [passed, failed, passed, { ...passed, at: passed.at + 1, source: '::ffff:192.0.2.1' }]) {
      reports.add(message);
    }
    const [report, ...others] = reports.take(1_800_086_400_000);
    expect(others).toEqual([]);
    expect(report).toMatchObject({ published, begin: 1_800_000_000, end: 1_800_086_399, uncounted: 0 });
    expect(report?.rows.map(({ message, count }) => [message.source, count])).toEqual([
      ['192.0.2.1', 3],
      ['2001:db8::1', 1],
    ]);
  });

  it('tells apart what a reader would', () => {
    const reports = memoryReports();
    reports.add(passed);
    reports.add({ ...passed, headerFrom: 'www.bank.example' });
    reports.add({ ...passed, envelopeTo: 'other.example' });
    reports.add({ ...passed, disposition: 'reject' });
    reports.add({ ...passed, dkim: [] });
    expect(reports.take()[0]?.rows).toHaveLength(5);
  });

  it('gives a report for each policy domain, with the record that was seen last', () => {
    const reports = memoryReports();
    reports.add(passed);
    reports.add({ ...passed, published: { ...published, domain: 'shop.example' } });
    reports.add({ ...passed, published: { ...published, p: 'none' } });
    expect(reports.take().map(({ published: { domain, p }, rows }) => [domain, p, rows[0]?.count])).toEqual([
      ['bank.example', 'none', 2],
      ['shop.example', 'reject', 1],
    ]);
  });

  it('begins anew once its reports were taken', () => {
    const reports = memoryReports({ since: 1000 });
    reports.add(passed);
    expect(reports.take(5000)).toMatchObject([{ begin: 1, end: 4 }]);
    expect(reports.take(6000)).toEqual([]);
    reports.add(passed);
    expect(reports.take(9500)).toMatchObject([{ begin: 6, end: 9, rows: [{ count: 1 }] }]);
  });

  it.each([
    ['from nowhere on the Internet', { ...passed, source: '' }],
    ['of a domain that wants no reports', { ...passed, published: { ...published, rua: [] } }],
    ['of what is no host name', { ...passed, published: { ...published, domain: '../../etc.example' } }],
  ])('leaves out a message %s', (_, message) => {
    const reports = memoryReports();
    reports.add(message);
    expect(reports.take()).toEqual([]);
  });

  it('has no more rows for one domain, and counts on in those that are there', () => {
    const reports = memoryReports({ rowsPerDomain: 2 });
    for (const last of [1, 2, 3, 3, 1]) reports.add({ ...passed, source: `192.0.2.${last}` });
    expect(reports.take()).toMatchObject([{ rows: [{ count: 2 }, { count: 1 }], uncounted: 2 }]);
  });

  it('has no more rows in all, whoever publishes records', () => {
    const reports = memoryReports({ rows: 3 });
    for (let n = 0; n < 10; n += 1) reports.add({ ...passed, published: { ...published, domain: `d${n}.example` } });
    expect(reports.take()).toHaveLength(3);
    reports.add(passed);
    expect(reports.take()).toHaveLength(1);
  });

  it('has no more rows than take so many octets, whatever is in them', () => {
    const comment = 'x'.repeat(250);
    const dkim = Array.from({ length: 9 }, (_, n) => ({
      domain: `d${n}`,
      selector: 's',
      result: 'fail' as const,
      comment,
    }));
    const reports = memoryReports({ octets: 50_000 });
    for (let n = 0; n < 100; n += 1) reports.add({ ...passed, headerFrom: `a${n}.example`, dkim });
    const other = { ...published, domain: 'other.example' };
    reports.add({ ...passed, published: other });
    const [report, ...others] = reports.take();
    expect(report?.rows.length).toBeLessThan(10);
    expect(report?.rows.length).toBeGreaterThan(5);
    expect(report?.uncounted).toBe(100 - (report?.rows.length ?? 0));
    expect(others).toEqual([]);
    reports.add(passed);
    expect(reports.take()).toHaveLength(1);
  });

  it('keeps no text of any length, and no more than 100 signatures', () => {
    const long = 'x'.repeat(100_000);
    const reports = memoryReports();
    reports.add({
      ...passed,
      headerFrom: long,
      reasons: [{ type: 'other', comment: long }],
      dkim: Array.from({ length: 500 }, () => ({ domain: long, selector: long, result: 'fail', comment: long })),
    });
    const [report] = reports.take();
    expect(report?.rows[0]?.message.dkim).toHaveLength(100);
    expect(JSON.stringify(report).length).toBeLessThan(100_000);
  });

  it('leaves out signatures that name no domain or no selector', () => {
    const reports = memoryReports();
    reports.add({
      ...passed,
      dkim: [
        { domain: '', selector: 's', result: 'permerror' },
        { domain: 'd', selector: '', result: 'permerror' },
      ],
    });
    expect(reports.take()[0]?.rows[0]?.message.dkim).toEqual([]);
  });
});
