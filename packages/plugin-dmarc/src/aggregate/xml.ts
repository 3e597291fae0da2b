/** An element of a report: its name, and its text or its children. */
export type Element = readonly [name: string, content: string | number | readonly Element[]];

/**
 * Writes elements, two spaces deeper for each level. Any text is safe: markup is escaped, and what XML 1.0 (2.2) can't hold,
 * control characters and lone surrogates, is written as U+FFFD. A line break becomes a space: readers would change it.
 */
export function writeXml(elements: readonly Element[], indent = ''): string {
  let written = '';
  for (const [name, content] of elements) {
    written += Array.isArray(content)
      ? `${indent}<${name}>\n${writeXml(content as readonly Element[], `${indent}  `)}${indent}</${name}>\n`
      : `${indent}<${name}>${escapeXml(String(content))}</${name}>\n`;
  }
  return written;
}

/** A text as an element's content or an attribute's value holds it. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[\t\r\n]/g, ' ')
    .replaceAll(/[\ud800-\udfff]/gu, '\ufffd')
    .replaceAll(/[\0-\x1f\x7f-\x9f\ufffe\uffff]/g, '\ufffd')
    .replaceAll(/[&<>"']/g, (character) => references[character] ?? '');
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
