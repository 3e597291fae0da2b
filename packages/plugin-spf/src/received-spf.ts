import type { SpfCheck } from '@maitred/authentication-results';

/** What a `Received-SPF` field tells (RFC 7208 9.1). */
export interface ReceivedSpf {
  readonly check: SpfCheck;
  /** The client's address. */
  readonly ip: string;
  readonly helo: string;
  /** The reverse-path as it was given; empty for the null one, which is left out. */
  readonly mailbox: string;
  /** Our name. */
  readonly receiver: string;
}

/**
 * The field, folded with CRLF and a tab, without CRLF at its end. Whatever the values hold, it is one field: what is no
 * dot-atom is quoted, controls and other invisible characters become `?`, and a value that no line could hold is left out.
 */
export function receivedSpf({ check, ip, helo, mailbox, receiver }: ReceivedSpf): string {
  const { identity, result, comment } = check;
  const pairs = [
    pair('client-ip', ip),
    ...(mailbox === '' ? [] : [pair('envelope-from', mailbox)]),
    pair('helo', helo),
    pair('receiver', receiver),
    pair('identity', identity),
  ].filter((text) => Buffer.byteLength(text) <= longest);
  const why = comment === undefined ? '' : ` (${commented(comment)})`;
  return folded(
    `Received-SPF: ${result}${why}`,
    pairs.map((text, at) => (at < pairs.length - 1 ? `${text};` : text)),
  );
}

/** Octets of a pair: a line has at most 998 (RFC 5322 2.1.1). */
const longest = 900;

const pair = (name: string, value: string): string => `${name}=${worded(visible(value))}`;

/** RFC 5322 3.2.3; a value beyond ASCII can stand only where the mail is internationalized, and is quoted. */
const dotAtom = /^[\w!#$%&'*+\-/=?^`{|}~]+(?:\.[\w!#$%&'*+\-/=?^`{|}~]+)*$/;

const worded = (value: string): string => (dotAtom.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`);

const visible = (text: string): string => text.replace(/[\p{C}\u2028\u2029]/gu, '?');

/** Words of ours with a stranger's domain among them. */
const commented = (text: string): string =>
  text
    .slice(0, longest / 2)
    .replace(/[^ -~]/g, '?')
    .replace(/[()\\]/g, '\\$&');

/** Lines of 78 characters where the words let them. */
function folded(head: string, words: readonly string[]): string {
  const lines = [head];
  for (const word of words) {
    const line = lines.at(-1) ?? '';
    if (lines.length > 1 && line.length + 1 + word.length <= 78) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join('\r\n\t');
}
