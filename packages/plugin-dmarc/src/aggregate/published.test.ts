import { describe, expect, it } from 'vitest';
import { fc } from '@fast-check/vitest';
import { reportingTags } from './published.ts';

describe('reportingTags', () => {
  it.each([
    ['v=DMARC1; p=none', { fo: '0', rua: [] }],
    ['v=DMARC1; p=none; rua=mailto:a@b.example', { fo: '0', rua: ['mailto:a@b.example'] }],
    [
      'v=DMARC1;rua = mailto:a@b.example!10m , https://b.example/x ;fo = 1:D:s',
      { fo: '1:d:s', rua: ['mailto:a@b.example', 'https://b.example/x'] },
    ],
    ['v=DMARC1; rua=a@b.example,mailto:,mailto:ö@b.example; fo=2', { fo: '0', rua: [] }],
    ['v=DMARC1; rua; fo=1:1:1:1:1', { fo: '0', rua: [] }],
    ['v=DMARC1; RUA=mailto:a@b.example', { fo: '0', rua: [] }],
  ])('of %j are %j', (record, tags) => {
    expect(reportingTags(record)).toEqual(tags);
  });

  it('are at most eight addresses of at most 512 characters', () => {
    const many = Array.from({ length: 5000 }, (_, n) => `mailto:${n}@b.example`).join();
    expect(reportingTags(`v=DMARC1; rua=${many}`).rua).toHaveLength(8);
    expect(reportingTags(`v=DMARC1; rua=mailto:${'a'.repeat(600)}@b.example`).rua).toEqual([]);
  });

  it('come of any text', () => {
    fc.assert(
      fc.property(fc.string(), (record) => {
        for (const uri of reportingTags(record).rua) expect(uri).toMatch(/^[!-~]{1,512}$/);
      }),
    );
  });
});
