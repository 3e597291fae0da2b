import { isUtf8, type Buffer } from 'node:buffer';

const SPACE = 0x20;
const TAB = 0x09;

const ASCII = /^[ -~]*$/;
/** C0, DEL, C1, and the two separators that some readers of logs take for line ends. */
const CONTROL = /[\0-\x1f\x7f-\x9f\u2028\u2029]/;
const VERB = /^[A-Za-z][A-Za-z0-9-]*$/;

/**
 * Reads a command line that came without its CRLF (RFC 5321 2.4, 4.1.1): the verb in upper case, and all that follows
 * the first space, without white space at its end.
 *
 * `syntax` when there is no verb, for any control character but tabs at the end, and for what is no strictly valid
 * UTF-8 (RFC 6531 3.3): what comes back can be written to a log or a reply. Whether non-ASCII may be there is for
 * others to say.
 */
export function parseCommand(line: Buffer): { verb: string; args: string } | 'syntax' {
  let end = line.length;
  while (end > 0 && (line[end - 1] === SPACE || line[end - 1] === TAB)) end -= 1;
  const text = textOf(end === line.length ? line : line.subarray(0, end));
  if (text === undefined) return 'syntax';
  const space = text.indexOf(' ');
  const verb = space === -1 ? text : text.slice(0, space);
  if (!VERB.test(verb)) return 'syntax';
  return { verb: verb.toUpperCase(), args: space === -1 ? '' : text.slice(space + 1) };
}

/** The text of a line, unless there is a control character in it or an octet that is no UTF-8. */
export function textOf(line: Buffer): string | undefined {
  const latin1 = line.toString('latin1');
  if (ASCII.test(latin1)) return latin1;
  if (!isUtf8(line)) return undefined;
  const text = line.toString();
  return CONTROL.test(text) ? undefined : text;
}

const METHOD = /^(?:GET|POST|PUT|HEAD|DELETE|OPTIONS|CONNECT|TRACE|PATCH|PRI)(?: |$)/i;
/** RFC 5322 3.6.8; `MAIL FROM:` has a space before its colon. */
const FIELD = /^[!-9;-~]+:/;
const LETTER = /^[A-Za-z]/;

/**
 * Whether a line can't come from a mail client: an HTTP request, a header field, or a line that begins with no letter,
 * such as a TLS hello or the body of a form. A browser that was made to post mail shows itself so; answer once and
 * close. An empty line is not foreign.
 */
export function looksForeign(line: Buffer | string): boolean {
  if (line.length === 0) return false;
  const text = typeof line === 'string' ? line : line.toString('latin1');
  return !LETTER.test(text) || METHOD.test(text) || FIELD.test(text);
}
