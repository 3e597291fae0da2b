import { Buffer } from 'node:buffer';
import { ASCII, LONGEST_DOMAIN, parseAddressLiteral, parseDomain } from './domain.ts';

export { isAddressLiteral, isDomain } from './domain.ts';

/** A reverse-path or forward-path, its source route forgotten (RFC 5321 4.1.2, RFC 6531 3.3). */
export interface Path {
  /** `local@domain`: the local part quoted only where it must be, the domain as the client wrote it. Empty for `<>`. */
  readonly mailbox: string;
  /** The local part without its quotes, case and all. Empty for `<>`. */
  readonly local: string;
  /** In lower case and A-labels, or an address literal in lower case: to compare. Undefined for `<>` and `<Postmaster>`. */
  readonly domain: string | undefined;
  /** False when anything in it, a source route included, isn't ASCII. */
  readonly ascii: boolean;
  /** Whether it is `<>`. */
  readonly null: boolean;
}

/** What can be wrong with a path, and how to tell a client. */
const faults = {
  /** No `FROM:` or `TO:` in front. */
  keyword: 'FROM: or TO: has to come first',
  /** None around it. */
  brackets: 'The path has to be in angle brackets',
  /** The source route is ungrammatical. */
  route: 'The source route is not valid',
  /** The local part is ungrammatical. */
  local: 'The local part is not valid',
  /** The domain or address literal is ungrammatical. */
  domain: 'The domain is not valid',
  /** It has none, and isn't `<Postmaster>` as a recipient. */
  'no-domain': 'The path has no domain',
  /** It is `<>`, and must not be. */
  null: 'The null path is no recipient',
  'local-too-long': 'The local part has more than 64 octets',
  'domain-too-long': 'The domain has more than 255 octets',
  'path-too-long': 'The path has more than 256 octets',
  /** A control character, or something other than a space behind it. */
  syntax: 'The path is not valid',
} as const;

/** What was wrong with a path (RFC 5321 4.1.2, 4.5.3.1). */
export type PathFault = keyof typeof faults;

/** Tells a client what was wrong, in a text without anything of the client's. */
export function describePathFault(fault: PathFault): string {
  return faults[fault];
}

/** RFC 5321 4.5.3.1, in octets. */
const LONGEST_LOCAL = 64;
const LONGEST_PATH = 256;

/** Controls, separators that some take for line ends, and halves of characters. */
const NO_TEXT = /[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]/u;
/** A Dot-string, but for where its dots are. */
const DOT_STRING = /[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.\x80-\uffff]+/y;
const BAD_DOTS = /^\.|\.$|\.\./;

const NULL_PATH: Path = Object.freeze({ mailbox: '', local: '', domain: undefined, ascii: true, null: true });

/**
 * Reads the path that begins at `at` with `<`; `rest` is the index behind its `>`. `<>` and `<Postmaster>`, without a
 * domain, are paths here; no other without a domain is.
 */
export function parsePath(text: string, at = 0): { path: Path; rest: number } | PathFault {
  if (text[at] !== '<') return 'brackets';
  if (text[at + 1] === '>') return { path: NULL_PATH, rest: at + 2 };
  const start = text[at + 1] === '@' ? skipRoute(text, at + 1) : at + 1;
  if (start === -1) return 'route';
  const quoted = text[start] === '"';
  const end = quoted ? quotedStringEnd(text, start) : dotStringEnd(text, start);
  if (end === -1) return 'local';
  const local = quoted ? text.slice(start + 1, end - 1).replace(/\\(.)/gs, '$1') : text.slice(start, end);
  const behind = text[end];
  if (behind !== '@' && behind !== '>') return behind === undefined ? 'brackets' : 'local';
  const closing = behind === '>' ? end : domainEnd(text, end + 1);
  if (text[closing] !== '>') return text.includes('>', end) ? 'domain' : 'brackets';
  const wire = text.slice(at, closing + 1);
  const ascii = ASCII.test(wire);
  if (NO_TEXT.test(wire)) return 'syntax';
  const octets = (from: number, to: number): number => (ascii ? to - from : Buffer.byteLength(text.slice(from, to)));
  if (octets(start, end) > LONGEST_LOCAL) return 'local-too-long';
  const rest = closing + 1;
  if (behind === '>') {
    if (text.slice(start, end).toLowerCase() !== 'postmaster') return 'no-domain';
    return { path: { mailbox: local, local, domain: undefined, ascii, null: false }, rest };
  }
  if (octets(end + 1, closing) > LONGEST_DOMAIN) return 'domain-too-long';
  if (octets(at, rest) > LONGEST_PATH) return 'path-too-long';
  const written = text.slice(end + 1, closing);
  const domain = written.startsWith('[') ? parseAddressLiteral(written) : parseDomain(written);
  if (domain === undefined) return 'domain';
  const mailbox = `${quoted ? quote(local) : local}@${written}`;
  return { path: { mailbox, local, domain, ascii, null: false }, rest };
}

/** Reads the arguments of MAIL: `FROM:`, in any case, then a path, then parameters (RFC 5321 4.1.1.2). */
export function parseReversePath(args: string): { path: Path; parameters: string } | PathFault {
  const parsed = parseArguments(args, 'from:');
  if (typeof parsed === 'string') return parsed;
  return parsed.path.domain === undefined && !parsed.path.null ? 'no-domain' : parsed;
}

/** Reads the arguments of RCPT: `TO:`, in any case, then a path that isn't `<>`, then parameters (RFC 5321 4.1.1.3). */
export function parseForwardPath(args: string): { path: Path; parameters: string } | PathFault {
  const parsed = parseArguments(args, 'to:');
  if (typeof parsed === 'string') return parsed;
  return parsed.path.null ? 'null' : parsed;
}

function parseArguments(args: string, keyword: string): { path: Path; parameters: string } | PathFault {
  if (args.slice(0, keyword.length).toLowerCase() !== keyword) return 'keyword';
  // RFC 5321 has none, but clients that put a space here are many.
  const parsed = parsePath(args, skipSpaces(args, keyword.length));
  if (typeof parsed === 'string') return parsed;
  const { path, rest } = parsed;
  if (rest < args.length && args[rest] !== ' ') return 'syntax';
  return { path, parameters: args.slice(skipSpaces(args, rest)) };
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ') at += 1;
  return at;
}

/** The index behind the colon of a source route that begins at `at`, or -1 (RFC 5321 4.1.2 A-d-l, appendix C). */
function skipRoute(text: string, at: number): number {
  const colon = text.indexOf(':', at);
  if (colon === -1 || colon - at > LONGEST_PATH) return -1;
  const hops = text.slice(at, colon).split(',');
  return hops.every((hop) => hop.startsWith('@') && parseDomain(hop.slice(1)) !== undefined) ? colon + 1 : -1;
}

/** The index behind the Dot-string that begins at `at`, or -1. */
function dotStringEnd(text: string, at: number): number {
  DOT_STRING.lastIndex = at;
  if (!DOT_STRING.test(text)) return -1;
  const end = DOT_STRING.lastIndex;
  return BAD_DOTS.test(text.slice(at, end)) ? -1 : end;
}

/** The index behind the Quoted-string that begins at `at`, or -1; a backslash takes ASCII only, even in RFC 6531. */
function quotedStringEnd(text: string, at: number): number {
  for (let n = at + 1; n < text.length; n += 1) {
    if (text[n] === '"') return n + 1;
    if (text[n] !== '\\') continue;
    n += 1;
    if (text.charCodeAt(n) > 0x7e) return -1;
  }
  return -1;
}

/** Where the domain or address literal that begins at `at` should have its `>`. A literal may hold one itself. */
function domainEnd(text: string, at: number): number {
  if (text[at] !== '[') return text.indexOf('>', at);
  const bracket = text.indexOf(']', at);
  return bracket === -1 ? -1 : bracket + 1;
}

function quote(local: string): string {
  if (dotStringEnd(local, 0) === local.length) return local;
  return `"${local.replace(/["\\]/g, '\\$&')}"`;
}
