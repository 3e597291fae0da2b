/** Printable ASCII without the backslash: behind NUL Node's resolver asks for less than the name, and `\` is its escape. */
const label = /^[!-[\]-~]{1,63}$/;

/**
 * The one spelling of a name that can be asked for (RFC 1035 2.3.4): lower case, no final dot. Undefined for what can't:
 * the root, an empty or overlong label, octets that no answer could be trusted for.
 */
export function askable(name: string): string | undefined {
  const plain = (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
  return plain.length <= 253 && plain.split('.').every((part) => label.test(part)) ? plain : undefined;
}
