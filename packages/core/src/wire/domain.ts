import { domainToASCII } from 'node:url';

/** RFC 5321 4.5.3.1.2, in octets. */
export const LONGEST_DOMAIN = 255;

export const ASCII: RegExp = /^[\0-\x7f]*$/;
const LETTERS_DIGITS_HYPHENS = /^[A-Za-z0-9.-]+$/;
/** What no label begins or ends with, an empty label among it. */
const BAD_EDGE = /^[.-]|[.-]$|[.-]\.|\.-/;
/** RFC 1035 2.3.4. */
const LONG_LABEL = /[^.]{64}/;
const NUMBER = /^[0-9]+$/;

/**
 * Whether a text is a domain as RFC 5321 4.1.2 has it: labels of letters, digits and inner hyphens, each of at most 63
 * octets, at most 255 in all, no dot at the end. A-labels are; U-labels, underscores and literals are not.
 */
export function isDomain(text: string): boolean {
  return (
    text.length <= LONGEST_DOMAIN &&
    LETTERS_DIGITS_HYPHENS.test(text) &&
    !BAD_EDGE.test(text) &&
    (text.length < 64 || !LONG_LABEL.test(text))
  );
}

/**
 * The domain in lower case, its U-labels as A-labels (RFC 6531 3.7.1, RFC 5891): two names of one domain become equal.
 * Undefined when it isn't one.
 */
export function parseDomain(text: string): string | undefined {
  if (ASCII.test(text)) return isDomain(text) ? text.toLowerCase() : undefined;
  // The conversion is a URL's: it would decode %61, stop at a slash, and read a number as an address.
  if (text.length > LONGEST_DOMAIN || !isDomain(text.replace(/[^\0-\x7f]/g, 'x'))) return undefined;
  const ascii = domainToASCII(text);
  const labels = ascii.split('.');
  // Some full stops of other scripts are mapped to ours: they made labels that the checks above have not seen.
  if (labels.length !== text.split('.').length || NUMBER.test(labels.at(-1) ?? '')) return undefined;
  return isDomain(ascii) ? ascii : undefined;
}

/**
 * Whether a text is an address literal (RFC 5321 4.1.3): `[192.0.2.1]`, `[IPv6:2001:db8::1]`, or `[tag:content]` with a
 * tag of another standard, whose content is checked for its characters only.
 */
export function isAddressLiteral(text: string): boolean {
  return parseAddressLiteral(text) !== undefined;
}

/** The address literal in lower case, its IPv4 octets without zeros in front. Undefined when it isn't one. */
export function parseAddressLiteral(text: string): string | undefined {
  if (text.length > LONGEST_DOMAIN || !text.startsWith('[') || !text.endsWith(']')) return undefined;
  const content = text.slice(1, -1);
  const ipv4 = parseIpv4(content);
  if (ipv4 !== undefined) return `[${ipv4}]`;
  const colon = content.indexOf(':');
  const tag = content.slice(0, Math.max(colon, 0)).toLowerCase();
  const valid = tag === 'ipv6' ? isIpv6(content.slice(colon + 1)) : GENERAL.test(content);
  return valid ? text.toLowerCase() : undefined;
}

const GENERAL = /^[A-Za-z0-9-]*[A-Za-z0-9]:[!-Z^-~]+$/;
const IPV4 = /^([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})$/;
const IPV6_GROUP = /^[0-9A-Fa-f]{1,4}$/;

/** Each number is decimal, zeros in front or not (RFC 5321 4.1.3 Snum): never octal, as some other readers have it. */
function parseIpv4(text: string): string | undefined {
  const numbers = IPV4.exec(text)?.slice(1).map(Number);
  return numbers?.every((number) => number <= 255) ? numbers.join('.') : undefined;
}

/** All eight groups, or `::` for at least two of them; the last two may be written as IPv4. */
function isIpv6(text: string): boolean {
  const colon = text.lastIndexOf(':');
  const endsInIpv4 = colon !== -1 && parseIpv4(text.slice(colon + 1)) !== undefined;
  const halves = (endsInIpv4 ? `${text.slice(0, colon + 1)}0:0` : text).split('::');
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => IPV6_GROUP.test(group))) return false;
  return halves.length === 2 ? groups.length <= 6 : halves.length === 1 && groups.length === 8;
}
