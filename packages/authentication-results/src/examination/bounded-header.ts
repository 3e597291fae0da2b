import type { Buffer } from 'node:buffer';
import type { ParsedField, ParsedHeaders } from '../mailauth.ts';
import { fieldAt, parseHeader } from './header.ts';
import type { ExaminationLimits } from './limits.ts';

/** A header section as far as it is read. */
export interface BoundedHeader extends ParsedHeaders {
  /** Why it is not examined, in words of ours: a limit that it is over. Then `parsed` has From alone. */
  readonly overLimit?: string;
  /** Of such a header: the DKIM-Signature and ARC fields that there are, and whether there may be more, or more From. */
  readonly named?: Named;
}

/** What a header that isn't examined has of what would be. */
export interface Named {
  readonly signatures: number;
  readonly chain: boolean;
  /** There are more of these fields, and From, than fields are read. */
  readonly more: boolean;
}

/**
 * Reads a header in bounds. In one that is over a limit only From is read, which is looked for to its end, since a second
 * one may be there: who hides From behind too much of a header would have no author, and no policy that is applied.
 */
export function readHeader(section: Buffer, { header, fields, field }: ExaminationLimits): BoundedHeader {
  if (section.length > header) return outline(section, fields, field, `header section over ${header} octets`);
  const headers = parseHeader(section, fields);
  if (headers.parsed.length <= fields) return headers;
  return outline(section, fields, field, `more than ${fields} header fields`);
}

const names = 'from|dkim-signature|arc-seal|arc-message-signature|arc-authentication-results';
/**
 * Where one of these begins: its name, and a colon, perhaps on the next line. The first field is one whatever it looks like:
 * white space may stand in front of its name, on lines of its own too, and any folds behind. No run of white space is tried twice: linear.
 */
const beginnings = new RegExp(
  String.raw`^[ \t]*(?:\r\n[ \t]+)*(${names})[ \t]*(?:\r\n[ \t]*)*:|^[ \t]+(?:\r\n[ \t]+)*\r\n(${names})[ \t]*(?:\r\n[ \t]*){2,}:|\r\n(${names})[ \t]*(?:\r\n[ \t]*)?:`,
  'gi',
);

function outline(section: Buffer, most: number, field: number, overLimit: string): BoundedHeader {
  const parsed: ParsedField[] = [];
  const named = { signatures: 0, chain: false, more: false };
  let found = 0;
  for (const { 1: first, 2: second, 3: later, index } of section.toString('latin1').matchAll(beginnings)) {
    found += 1;
    named.more = found > most;
    if (named.more) break;
    const name = (first ?? second ?? later ?? '').toLowerCase();
    if (name === 'from') parsed.push(fieldAt(section, later === undefined ? 0 : index + 2, field));
    else if (name === 'dkim-signature') named.signatures += 1;
    else named.chain = true;
  }
  return { parsed, original: section, overLimit, named };
}
