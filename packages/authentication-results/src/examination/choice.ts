import { Buffer } from 'node:buffer';
import type { ParsedField } from '../mailauth.ts';
import type { BoundedHeader } from './bounded-header.ts';
import type { Wants } from './examination.ts';
import type { ExaminationLimits } from './limits.ts';

/** What a set of a chain consists of (RFC 8617 4.1), in lower case. */
export const arcFields = ['arc-seal', 'arc-message-signature', 'arc-authentication-results'] as const;

/** The fields that the verifier parses, of a header, and what is told of those that it doesn't. */
export interface Choice {
  readonly fields: ParsedField[];
  /** From the octets in `fields` to those of the message, where they differ. */
  readonly originals: ReadonlyMap<Buffer, Buffer>;
  /** DKIM-Signature fields beyond a limit. */
  readonly unexamined: number;
  /** All of them, as far as they were counted. */
  readonly fromFields: number;
  /** A From field is over the limit, or may be somewhere nobody looked. */
  readonly unreadFrom: boolean;
  /** Why the chain has failed, without more ado: of a set that isn't examined nobody knows that it is well. */
  readonly brokenChain: string | undefined;
}

/** Whether a field is over the limit for those that are parsed. */
export function isTooLong({ key, line }: ParsedField, { field }: ExaminationLimits): boolean {
  return line.length + 2 > field && (key === 'from' || key === 'dkim-signature' || isOfChain(key));
}

/** Chooses what is parsed: what is wanted, in bounds, and From. */
export function choose(header: BoundedHeader, wants: Wants, limits: ExaminationLimits): Choice {
  const { overLimit, named } = header;
  const fields: ParsedField[] = [];
  const originals = new Map<Buffer, Buffer>();
  let unexamined = named?.signatures ?? 0;
  let examined = 0;
  let fromFields = 0;
  let fromOctets = 0;
  let unreadFrom = named?.more ?? false;
  let brokenChain = named && (named.chain || named.more) ? overLimit : undefined;
  const add = (field: ParsedField): void => {
    const line = singleSpaced(field.line);
    if (line !== field.line) originals.set(line, field.line);
    fields.push({ ...field, line });
  };
  for (const field of header.parsed) {
    const { key, line } = field;
    const tooLong = isTooLong(field, limits);
    if (key === 'from') {
      fromFields += 1;
      fromOctets += line.length;
      unreadFrom ||= tooLong;
      // There is one. Of more than that, all that counts is that there are.
      if (!tooLong && (fromFields === 1 || fromOctets <= limits.field)) fields.push(field);
    } else if (key === 'dkim-signature') {
      if (tooLong || examined === limits.signatures) unexamined += 1;
      else {
        examined += 1;
        if (wants.signatures === true) add(field);
      }
    } else if (wants.chain === true && isOfChain(key)) {
      if (tooLong) brokenChain = `${key} over ${limits.field} octets`;
      else add(field);
    }
  }
  return {
    // Without a set that isn't examined, what is left could look like a whole chain.
    fields: brokenChain === undefined ? fields : fields.filter(({ key }) => !isOfChain(key)),
    originals,
    unexamined: wants.signatures === true ? unexamined : 0,
    fromFields,
    unreadFrom,
    brokenChain: wants.chain === true ? brokenChain : undefined,
  };
}

const isOfChain = (key: string): boolean => (arcFields as readonly string[]).includes(key);

/** Patterns for white space at the end take quadratic time on much of it in the middle; to a tag list all of it is one. */
function singleSpaced(line: Buffer): Buffer {
  const text = line.toString('latin1');
  return /[ \t\r\n]{16}/.test(text) ? Buffer.from(text.replace(/[ \t\r\n]+/g, ' '), 'latin1') : line;
}
