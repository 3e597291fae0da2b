import { parsePath, type Path } from '@maitred/core';

/** Whom VRFY or EXPN asks about. */
export interface Inquiry {
  /** A mailbox, or else a user's or a list's name, without its quotes. Up to 64 octets where it is no mailbox. */
  readonly name: string;
  /** Set where it is a mailbox: `a@b`, with or without angle brackets. */
  readonly path: Path | undefined;
  /** The client reads a reply in UTF-8 (RFC 6531 3.7.4.2). */
  readonly utf8: boolean;
}

/**
 * Reads the arguments of VRFY and EXPN (RFC 5321 4.1.1.6, 4.1.1.7; RFC 6531 3.7.4.2): an atom, a quoted string or a mailbox,
 * and, where `smtpUtf8` was offered, perhaps the parameter SMTPUTF8. `syntax` for anything else.
 */
export function parseInquiry(args: string, smtpUtf8: boolean): Inquiry | 'syntax' {
  const [, subject = '', parameter] = ARGUMENTS.exec(args) ?? [];
  const utf8 = smtpUtf8 && parameter !== undefined && /^smtputf8$/i.test(parameter);
  if (subject === '' || (parameter !== undefined && !utf8)) return 'syntax';
  const isMailbox = subject.startsWith('<') || subject.lastIndexOf('@') > subject.lastIndexOf('"');
  // What is no mailbox has the grammar of a mailbox's local part.
  const wire = subject.startsWith('<') ? subject : isMailbox ? `<${subject}>` : `<${subject}@name.invalid>`;
  const parsed = parsePath(wire);
  if (typeof parsed === 'string' || parsed.path.null || parsed.rest !== wire.length) return 'syntax';
  const { path } = parsed;
  if (isMailbox) return { name: path.mailbox, path, utf8 };
  return path.local === '' ? 'syntax' : { name: path.local, path: undefined, utf8 };
}

/** A run without spaces, but for those between quotes; then at most one more word. */
const ARGUMENTS = /^ *((?:[^ "]|"(?:[^"\\]|\\.)*")+)(?: +([^ ]+))? *$/;
