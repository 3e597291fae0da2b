/** A header field, unfolded. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

/**
 * Whether a header says `TLS-Required: No` (RFC 8689 3). One field, in any case, and nothing but `No` in it: of two, as of
 * any other value, nobody knows what was meant, and to relax a requirement takes a clear word.
 */
export function saysTlsNotRequired(header: Iterable<Field>): boolean {
  const values = Array.from(header).filter(({ name }) => /^tls-required$/i.test(name));
  return values.length === 1 && /^[ \t]*no[ \t]*$/i.test(values[0]?.value ?? '');
}
