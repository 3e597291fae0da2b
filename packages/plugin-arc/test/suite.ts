import { Buffer } from 'node:buffer';
import { existsSync, readFileSync } from 'node:fs';
import { parseAllDocuments, YAMLMap } from 'yaml';

/** ValiMail's suite, beside every checkout; not part of this repository. */
const folder = new URL('../../../../shared/conformance/arc/', import.meta.url);

/** Whether the suite is there. */
export const present: boolean = existsSync(folder);

/** A case of ValiMail's suite: `cv` of validation, the rest of signing. */
export interface Case {
  readonly name: string;
  readonly description: string;
  readonly message: Buffer;
  /** The field's text as the suite has it, each line's end trimmed; empty where the suite has none. */
  readonly of: (field: string) => string;
}

/** A group of cases that share keys. */
export interface Scenario {
  readonly description: string;
  readonly cases: readonly Case[];
  /** Name → TXT record. */
  readonly zone: Readonly<Record<string, string>>;
  readonly domain: string;
  readonly selector: string;
  readonly privateKey: string;
}

/** Reads a file of the suite; nothing where the suite is not there. A name that stands twice (`as_fields_b_head_case`) is two cases, each of its own. */
export function scenarios(file: string): Scenario[] {
  if (!present) return [];
  const text = readFileSync(new URL(file, folder), 'utf8');
  return parseAllDocuments(text, { uniqueKeys: false }).flatMap((document) => {
    const { contents } = document as { contents: unknown };
    if (!(contents instanceof YAMLMap)) return [];
    const tests = contents.get('tests');
    if (!(tests instanceof YAMLMap)) throw new Error(`${file}: a scenario without tests`);
    const textOf = (name: string): string => String(contents.get(name) ?? '');
    const zone = contents.get('txt-records');
    return {
      description: textOf('description').trim(),
      domain: textOf('domain'),
      selector: textOf('sel'),
      privateKey: textOf('privatekey'),
      zone: zone instanceof YAMLMap ? records(zone.toJSON() as Record<string, string>) : {},
      cases: tests.items.map(({ key, value }) => caseOf(String(key), (value as YAMLMap).toJSON() as Fields)),
    };
  });
}

/** `t` is a number; a field that is empty may be null. */
type Fields = Readonly<Record<string, string | number | null>>;

function caseOf(name: string, fields: Fields): Case {
  const of = (field: string): string => String(fields[field] ?? '').trim();
  return {
    name,
    description: of('description'),
    message: Buffer.from(String(fields['message'] ?? '').replaceAll('\n', '\r\n')),
    of,
  };
}

const records = (zone: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(zone).map(([name, record]) => [name, record.replaceAll('\n', '').trim()]));
