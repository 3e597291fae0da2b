import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { saysTlsNotRequired } from './field.ts';

const field = (name: string, value: string): { name: string; value: string } => ({ name, value });

describe('TLS-Required', () => {
  it.each([
    ['TLS-Required', 'No'],
    ['tls-required', 'NO'],
    ['TLS-REQUIRED', '  no '],
    ['Tls-Required', '\tNo\t'],
  ])('is understood as %s:%s', (name, value) => {
    expect(saysTlsNotRequired([field('Subject', 'No'), field(name, value)])).toBe(true);
  });

  it.each([
    ['TLS-Required', ''],
    ['TLS-Required', 'Yes'],
    ['TLS-Required', 'None'],
    ['TLS-Required', 'No, thanks'],
    ['TLS-Required', 'No (really)'],
    ['TLS-Required', '"No"'],
    ['TLS-Required', 'Nо'],
    ['TLS-Required', 'N\0o'],
    ['TLS-Required', '\u00a0No'],
    ['TLS-Required ', 'No'],
    ['X-TLS-Required', 'No'],
    ['TLSRequired', 'No'],
    ['TLſ-Required', 'No'],
  ])('is nothing as %j:%j', (name, value) => {
    expect(saysTlsNotRequired([field(name, value)])).toBe(false);
  });

  it('is nothing when there are two, and when there is none', () => {
    const no = field('TLS-Required', 'No');
    expect(saysTlsNotRequired([no, no])).toBe(false);
    expect(saysTlsNotRequired([no, field('tls-required', 'Yes')])).toBe(false);
    expect(saysTlsNotRequired([])).toBe(false);
  });

  it('takes exactly one field of exactly one value, whatever else there is', () => {
    const text = fc.array(fc.nat(0xffff), { maxLength: 20 }).map((units) => String.fromCharCode(...units));
    const fields = fc.array(
      fc.record({
        name: fc.oneof(fc.constantFrom('TLS-Required', 'tls-required', 'Subject'), text),
        value: fc.oneof(fc.constantFrom('No', ' no', 'Yes', ''), text),
      }),
    );
    fc.assert(
      fc.property(fields, (header) => {
        const mine = header.filter(({ name }) => name.toLowerCase() === 'tls-required');
        const [only] = mine;
        expect(saysTlsNotRequired(header)).toBe(mine.length === 1 && /^[ \t]*no[ \t]*$/i.test(only?.value ?? ''));
      }),
    );
  });
});
