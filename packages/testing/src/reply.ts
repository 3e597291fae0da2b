/** One reply as the client read it. */
export interface ReceivedReply {
  readonly code: number;
  /** The text of each line, behind the code and its space or hyphen. */
  readonly lines: readonly string[];
  /** The lines, joined by `\n`. */
  readonly text: string;
  /** `2.1.0` when every line begins with this enhanced status code (RFC 2034 4). */
  readonly enhanced: string | undefined;
  /** As it came, with its line ends. */
  readonly raw: string;
}

/**
 * Takes one reply (RFC 5321 4.2) off the front of `text`; undefined while it isn't whole. Throws on what no client has
 * to understand: a bare CR or LF, a line without a code, a code that changes between the lines.
 */
export function takeReply(text: string): ReceivedReply | undefined {
  const lines: string[] = [];
  let code: string | undefined;
  for (let at = 0; ;) {
    const end = text.indexOf('\n', at);
    if (end < 0) return undefined;
    const line = text.slice(at, end + 1);
    const [, digits, hyphen, rest = ''] = /^([2-5]\d\d)(?:([ -])([^\r\n]*))?\r\n$/.exec(line) ?? [];
    if (digits === undefined) throw new Error(`no line of a reply: ${JSON.stringify(line)}`);
    if (digits !== (code ??= digits)) throw new Error(`a reply that begins with ${code} goes on with ${digits}`);
    lines.push(rest);
    at = end + 1;
    if (hyphen === '-') continue;
    return { code: Number(code), lines, text: lines.join('\n'), enhanced: enhancedOf(lines), raw: text.slice(0, at) };
  }
}

/** A reply in one line, for messages. */
export const inOneLine = ({ raw }: ReceivedReply): string => raw.trimEnd().replaceAll('\r\n', ' / ');

function enhancedOf([first = '', ...rest]: readonly string[]): string | undefined {
  const [enhanced] = /^[245]\.\d{1,3}\.\d{1,3}(?= |$)/.exec(first) ?? [];
  const all = rest.every((line) => line === enhanced || line.startsWith(`${enhanced} `));
  return all ? enhanced : undefined;
}
