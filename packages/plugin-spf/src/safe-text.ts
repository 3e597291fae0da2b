/** Characters of a stranger's text that are passed on. */
const longest = 200;

/**
 * A stranger's text (an explanation, RFC 7208 6.2; what is wrong with a record) as it may stand in a reply, a header or a
 * log: one line of printable ASCII, no double quotes, at most 200 characters. Macros put the client's own words into it,
 * too. Undefined when nothing is left.
 */
export function safeText(text: string): string | undefined {
  const printable = text
    .slice(0, 4 * longest)
    .replace(/[^ -~]/g, ' ')
    .replace(/"/g, "'")
    .trim();
  if (printable.length <= longest) return printable === '' ? undefined : printable;
  return `${printable.slice(0, longest - 3).trimEnd()}...`;
}
