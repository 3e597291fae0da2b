import { domainToASCII, domainToUnicode } from 'node:url';
import { isDomain } from '@maitred/core';

/**
 * A domain in lower case and A-labels, fit to be compared (RFC 5890 2.3.2.1); undefined for what is none. What a URL's
 * host would stop at, decode or map (`lists.example.org/.example`, `%2e`, wide letters) is no domain: it would be taken for
 * another than the one whose key was asked for.
 */
export function parseDomain(name: string): string | undefined {
  if (!/[^\0-\x7f]/.test(name)) return isDomain(name) ? name.toLowerCase() : undefined;
  if (!isDomain(name.replace(/[^\0-\x7f]/g, 'x'))) return undefined;
  const ascii = domainToASCII(name);
  return isDomain(ascii) && domainToUnicode(ascii) === name.normalize('NFC').toLowerCase() ? ascii : undefined;
}
