import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { failed, passed, published } from '../../test/evaluated.ts';
import { faultsOf } from '../../test/valid.ts';
import { aggregateReport } from './attachment.ts';
import { memoryReports, type DomainReport } from './memory.ts';

const reporter = { orgName: 'Example Mail', email: 'postmaster@mx.example', receiver: 'mx.example' };

function day(): DomainReport {
  const reports = memoryReports({ since: 1_800_000_000_000 });
  for (const message of [passed, failed, passed]) reports.add(message);
  return reports.take(1_800_086_400_000)[0]!;
}

describe('aggregateReport', () => {
  it('is valid against the schema of RFC 9990, whole', async () => {
    const full = { ...reporter, extraContactInfo: 'https://mx.example/dmarc', generator: 'test/1.0' };
    const { xml } = await aggregateReport({ ...day(), uncounted: 7 }, full);
    expect(await faultsOf(xml)).toEqual([]);
    expect(xml).toContain('<error>7 messages more');
  });

  it('is held to a schema that finds faults', async () => {
    const { xml } = await aggregateReport(day(), reporter);
    expect(await faultsOf(xml.replace('<p>reject</p>', '<p>refuse</p>'))).not.toEqual([]);
    expect(await faultsOf(xml.replaceAll(/<record>.*<\/record>/gs, ''))).not.toEqual([]);
  });

  it('says what was published, and of each row what was found and done', async () => {
    const { xml } = await aggregateReport(day(), reporter);
    expect(xml).toContain('<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">\n  <version>1.0</version>\n');
    expect(flat(xml)).toContain('<date_range><begin>1800000000</begin><end>1800086399</end></date_range>');
    expect(flat(xml)).toContain(
      '<policy_published><domain>bank.example</domain><discovery_method>treewalk</discovery_method><p>reject</p>' +
        '<sp>quarantine</sp><np>reject</np><fo>1:d</fo><adkim>r</adkim><aspf>s</aspf><testing>n</testing></policy_published>',
    );
    expect(flat(xml)).toContain(
      '<source_ip>192.0.2.1</source_ip><count>2</count><policy_evaluated><disposition>pass</disposition>' +
        '<dkim>pass</dkim><spf>fail</spf></policy_evaluated>',
    );
    expect(flat(xml)).toContain(
      '<dkim>fail</dkim><spf>fail</spf><reason><type>mailing_list</type><comment>a list that our users read</comment>' +
        '</reason><reason><type>policy_test_mode</type></reason>',
    );
    expect(flat(xml)).toContain('<envelope_from></envelope_from>');
  });

  it('is compressed, under the name that says whose it is, of whom, and of when', async () => {
    const report = await aggregateReport(day(), reporter);
    expect(gunzipSync(report.content).toString()).toBe(report.xml);
    expect(report).toMatchObject({
      contentType: 'application/gzip',
      domain: 'bank.example',
      rua: ['mailto:dmarc@bank.example'],
      filename: `mx.example!bank.example!1800000000!1800086399!${report.id}.xml.gz`,
      subject: `Report Domain: bank.example Submitter: mx.example Report-ID: ${report.id}`,
    });
    expect(report.id).toMatch(/^[0-9a-f]{32}$/);
    expect(report.xml).toContain(`<report_id>${report.id}</report_id>`);
  });

  it('has the same name when it is made again, and another when it says anything else', async () => {
    const [one, again] = [await aggregateReport(day(), reporter), await aggregateReport(day(), reporter)];
    expect(again).toEqual(one);
    const other = await aggregateReport({ ...day(), end: 1_800_086_398 }, reporter);
    expect(other.id).not.toBe(one.id);
  });

  it.each([
    ['a receiver', day(), { ...reporter, receiver: 'mx/../example' }],
    ['a domain', { ...day(), published: { ...published, domain: 'a!b' } }, reporter],
    ['rows', { ...day(), rows: [] }, reporter],
  ])('is not made without %s that can be told', async (_, report, by) => {
    await expect(aggregateReport(report, by)).rejects.toThrow(RangeError);
  });
});

const flat = (xml: string): string => xml.replaceAll(/\n\s*/g, '');
