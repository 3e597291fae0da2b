import { existsSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Zone, ZoneRecords } from '@maitred/testing';

/** Beside every checkout; not part of this repository. */
const file = new URL('../../../../shared/conformance/spf/rfc7208-tests.yml', import.meta.url);

/** Whether the suite is there. */
export const present: boolean = existsSync(file);

/** One of OpenSPF's cases. */
export interface Case {
  readonly name: string;
  readonly scenario: string;
  readonly helo: string;
  /** The client's address. */
  readonly host: string;
  readonly mailfrom: string;
  /** Any of them is right. */
  readonly results: readonly string[];
  /** `DEFAULT`: the receiver's own, none of the domain's. Undefined: not looked at. */
  readonly explanation: string | undefined;
  readonly zone: Zone;
}

interface Written {
  readonly description: string;
  readonly tests: Readonly<Record<string, WrittenCase>>;
  readonly zonedata: Readonly<Record<string, readonly Entry[]>>;
}

interface WrittenCase {
  readonly helo: string;
  readonly host: string;
  readonly mailfrom: string;
  readonly result: string | readonly string[];
  readonly explanation?: string;
}

/** `TIMEOUT`, or one record by its type. */
type Entry = 'TIMEOUT' | Readonly<Record<string, string | readonly (string | number)[]>>;

/** OpenSPF's suite for RFC 7208, 2014.04; nothing where it is not there. */
export function suite(): Case[] {
  if (!present) return [];
  return parseAllDocuments(readFileSync(file, 'utf8')).flatMap((document) => {
    const { description, tests, zonedata } = document.toJS() as Written;
    const zone = Object.fromEntries(Object.entries(zonedata).map(([name, entries]) => [name, recordsOf(entries)]));
    return Object.entries(tests).map(([name, { helo, host, mailfrom, result, explanation }]) => {
      return { name, scenario: description, helo, host, mailfrom, results: [result].flat(), explanation, zone };
    });
  });
}

/** `TXT` says what there is instead of `SPF`, which stands for a TXT record too; where there is a TIMEOUT, nothing else is. */
function recordsOf(entries: readonly Entry[]): ZoneRecords {
  const of = (type: string): (string | readonly (string | number)[])[] =>
    entries.flatMap((entry) => (typeof entry === 'object' && entry[type] !== undefined ? [entry[type]] : []));
  const texts = of('TXT').length > 0 ? of('TXT').filter((text) => text !== 'NONE') : of('SPF');
  const records = {
    A: of('A'),
    AAAA: of('AAAA'),
    CNAME: of('CNAME'),
    PTR: of('PTR'),
    TXT: texts,
    MX: of('MX').map((pair) => ({ priority: Number(pair[0]), exchange: String(pair[1]) })),
  };
  const late = entries.includes('TIMEOUT');
  const given = Object.entries(records).filter(([type, found]) => found.length > 0 || (late && type !== 'CNAME'));
  return Object.fromEntries(given.map(([type, found]) => [type, found.length > 0 ? found : 'timeout']));
}
