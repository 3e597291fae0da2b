import { Buffer, isUtf8 } from 'node:buffer';

/** One parameter of MAIL or RCPT; `value` is undefined when there was no `=`. */
export interface EsmtpParameter {
  /** Upper case. */
  readonly keyword: string;
  readonly value: string | undefined;
}

const KEYWORD = /^[A-Za-z0-9][A-Za-z0-9-]*$/;
/** No control, no space, no `=`; beyond ASCII any whole character but what could end a line (RFC 6531 3.3). */
const VALUE = /^[^\0- =\x7f-\x9f\u2028\u2029\ud800-\udfff]+$/u;

/**
 * Reads what follows the path of MAIL or RCPT (RFC 5321 4.1.2 Mail-parameters): keywords in upper case, in order, one
 * that comes twice included. Several spaces count as one.
 *
 * `syntax` for a keyword of other characters than letters, digits and hyphens, and for an empty value.
 */
export function parseParameters(text: string): readonly EsmtpParameter[] | 'syntax' {
  if (text === '') return NONE;
  const parameters: EsmtpParameter[] = [];
  for (const word of text.split(' ')) {
    if (word === '') continue;
    const equals = word.indexOf('=');
    const keyword = equals === -1 ? word : word.slice(0, equals);
    const value = equals === -1 ? undefined : word.slice(equals + 1);
    if (!KEYWORD.test(keyword) || (value !== undefined && !VALUE.test(value))) return 'syntax';
    parameters.push({ keyword: keyword.toUpperCase(), value });
  }
  return parameters;
}

const NONE: readonly EsmtpParameter[] = Object.freeze([]);

const NOT_XCHAR = /[^!-*,-<>-~]/g;
const XTEXT = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/;
const HEXCHAR = /\+[0-9A-F]{2}/g;

/** Writes a text as xtext (RFC 3461 4), what isn't ASCII as the octets of its UTF-8, half a character as U+FFFD. */
export function encodeXtext(text: string): string {
  const octets = Buffer.from(text).toString('latin1');
  return octets.replace(NOT_XCHAR, (octet) => `+${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/**
 * Reads xtext (RFC 3461 4): undefined for lower-case digits, for characters that had to be encoded, and when the octets
 * are no UTF-8. What was encoded may be any character, CR and LF among them: check before it goes anywhere.
 */
export function decodeXtext(xtext: string): string | undefined {
  if (!XTEXT.test(xtext)) return undefined;
  const octets = Buffer.from(
    xtext.replace(HEXCHAR, (hexchar) => String.fromCharCode(Number.parseInt(hexchar.slice(1), 16))),
    'latin1',
  );
  return isUtf8(octets) ? octets.toString() : undefined;
}
