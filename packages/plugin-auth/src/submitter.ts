import {
  decodeXtext,
  Identity,
  parameter,
  parsePath,
  replies,
  type Parameter,
  type Path,
  type Session,
} from '@maitred/core';
import { Submitter } from './keys.ts';

/** MAIL's AUTH parameter (RFC 4954 5): from anybody well-formed, from who isn't trusted as if it were `AUTH=<>`. */
export function submitter(trusts: ((session: Session) => boolean) | undefined): Parameter<Path, 'transaction'> {
  return parameter({
    extension: 'AUTH',
    key: Submitter,
    octets: 500,
    parse: (value, session) => {
      const path = parseSubmitter(value);
      if (!path) return badSubmitter;
      return session.get(Identity) && trusts?.(session) ? path : unknown;
    },
  });
}

const badSubmitter = replies.of(501, '5.5.4', 'AUTH is a mailbox in xtext, or <>');
const unknown: Path = Object.freeze({ mailbox: '', local: '', domain: undefined, ascii: true, null: true });

/** Reads a mailbox in xtext (RFC 3461 4), or `<>`; undefined for anything else. */
export function parseSubmitter(value: string | undefined): Path | undefined {
  const text = value === undefined ? undefined : decodeXtext(value);
  if (text === undefined) return undefined;
  if (text === '<>') return unknown;
  const parsed = parsePath(`<${text}>`);
  if (typeof parsed === 'string' || parsed.rest !== text.length + 2) return undefined;
  const { path } = parsed;
  return path.ascii && path.domain !== undefined && !text.startsWith('@') ? path : undefined;
}
