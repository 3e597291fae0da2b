import { describe, expect, it } from 'vitest';
import { ServerNames } from './server-names.ts';

function known(...names: readonly string[]): ServerNames<string> {
  const table = new ServerNames<string>();
  for (const name of names) table.add(name, name);
  return table;
}

describe('ServerNames', () => {
  it('finds a name whatever its case', () => {
    expect(known('MX.example.org').find('mx.EXAMPLE.org')).toBe('MX.example.org');
    expect(known('mx.example.org').find('mx2.example.org')).toBeUndefined();
  });

  it('prefers a name of its own to a wildcard', () => {
    expect(known('*.example.org', 'mx.example.org').find('mx.example.org')).toBe('mx.example.org');
  });

  it('lets a wildcard stand for one label, and not for none or two', () => {
    const table = known('*.example.org', '*.mx');
    expect(table.find('mx.example.org')).toBe('*.example.org');
    expect(table.find('example.org')).toBeUndefined();
    expect(table.find('a.mx.example.org')).toBeUndefined();
    expect(table.find('.example.org')).toBeUndefined();
    expect(table.find('mx')).toBeUndefined();
  });

  it('knows a name in another script by its A-labels', () => {
    expect(known('Bücher.example').find('xn--bcher-kva.example')).toBe('Bücher.example');
  });

  it('finds nothing for what is no name', () => {
    const table = known('mx.example.org', '*.example.org');
    for (const asked of ['', '.', '*', '*.example.org.', '\0', '__proto__', 'x'.repeat(10_000)])
      expect(table.find(asked)).toBeUndefined();
  });

  it.each(['', '*', '*.', '*.*.example.org', 'mx.*.org', 'mx_1.example.org', 'mx..example.org', '.example.org'])(
    'refuses %j, naming it',
    (name) => {
      expect(() => known(name)).toThrow(`${JSON.stringify(name)} is no host name`);
    },
  );

  it('refuses a name that is there', () => {
    expect(() => known('mx.example.org', 'MX.example.org')).toThrow('"MX.example.org" is there twice');
  });
});
