import { parsePath, replies, type EnhancedCode, type Reply } from '@maitred/core';
import type { Entry, Expansion, Verification } from './tokens.ts';

/** How an answer may be written. */
export interface AnswerOptions {
  /** The client asked for UTF-8. */
  readonly utf8: boolean;
  /** The most entries that one reply lists. */
  readonly entries: number;
}

const noUser = replies.of(550, '5.1.1', 'No such user here');
const isList = replies.of(550, '5.1.1', 'That is a mailing list, not a user');
const noList = replies.of(550, '5.1.1', 'No such mailing list here');
const isUser = replies.of(550, '5.1.1', 'That is a user, not a mailing list');
const ambiguous = replies.of(553, '5.1.4', 'Ambiguous: say more');
const tooMany = replies.of(252, '2.5.0', 'The list is too long to be told');
const nobody = replies.of(250, '2.1.5', 'The list is empty');
const undecided = replies.of(252, '2.5.0', 'Cannot verify, but will take mail for it and try');

/** The answer to VRFY (RFC 5321 3.5.1, 3.5.2). Throws RangeError where an entry has no valid mailbox. */
export function verified(found: Verification, options: AnswerOptions): Reply {
  switch (found.is) {
    case 'mailbox':
      return inUtf8(250, '2.1.5', [entryText(found.entry)], options, unsayable);
    case 'forwarded':
      return inUtf8(251, '2.1.5', [`User not local; will forward to ${pathText(found.entry)}`], options, unsayable);
    case 'moved':
      return inUtf8(551, '5.1.6', [`User not local; please try ${pathText(found.entry)}`], options, refused(550));
    case 'ambiguous': {
      if (found.entries.length > options.entries) return ambiguous;
      const lines = ['User ambiguous; possibilities are', ...found.entries.map(entryText)];
      return inUtf8(553, '5.1.4', lines, options, refused(553));
    }
    case 'list':
      return isList;
    case 'unknown':
      return noUser;
    default:
      return undecided;
  }
}

/** The answer to EXPN: a line each (RFC 5321 3.5.1). Throws RangeError where an entry has no valid mailbox. */
export function expanded(found: Expansion, options: AnswerOptions): Reply {
  if (found.is !== 'list') return found.is === 'mailbox' ? isUser : noList;
  if (found.entries.length === 0) return nobody;
  if (found.entries.length > options.entries) return tooMany;
  return inUtf8(250, '2.1.5', found.entries.map(entryText), options, unsayable);
}

const NOT_ASCII = /[^\0-\x7f]/;
/** Who exists, but can't be named without UTF-8 (RFC 6531 3.7.4.2). */
const unsayable = replies.of(252, '2.6.8', 'The answer takes UTF-8: ask again with SMTPUTF8');
const refused = (code: 550 | 553): Reply =>
  replies.of(code, '5.6.8', 'The answer takes UTF-8: ask again with SMTPUTF8');

/** The reply, in UTF-8 if it needs that and the client reads it, or else another. */
function inUtf8(
  code: number,
  enhanced: EnhancedCode,
  lines: readonly string[],
  { utf8 }: AnswerOptions,
  otherwise: Reply,
): Reply {
  if (!lines.some((line) => NOT_ASCII.test(line))) return replies.of(code, enhanced, ...lines);
  return utf8 ? { ...replies.of(code, enhanced, ...lines), utf8 } : otherwise;
}

/** `Full Name <mailbox>`, the name quoted where it holds what a phrase must not. */
function entryText(entry: Entry): string {
  const name = (entry.name ?? '').replace(CONTROLS, ' ').trim();
  if (name === '') return pathText(entry);
  const phrase = PHRASE.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`;
  return `${phrase} ${pathText(entry)}`;
}

/** Line breaks above all: a name must not become an entry of its own. */
const CONTROLS = /[\0-\x1f\x7f-\x9f\u2028\u2029]+/g;
/** Atoms and spaces (RFC 5322 3.2.5, RFC 6532 3.2), and dots, as in initials. */
const PHRASE = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~. \xa0-\uffff]+$/;

function pathText({ mailbox }: Entry): string {
  const parsed = parsePath(`<${mailbox}>`);
  if (typeof parsed === 'string' || parsed.path.domain === undefined || parsed.rest !== mailbox.length + 2) {
    throw new RangeError(`the directory gave a mailbox that is none: ${JSON.stringify(mailbox)}`);
  }
  return `<${parsed.path.mailbox}>`;
}
