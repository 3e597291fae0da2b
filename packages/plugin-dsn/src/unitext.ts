/**
 * What utf-8-addr-xtext and utf-8-addr-unitext are made of (RFC 6533 3): visible ASCII without `\`, `+` and `=`; beyond
 * ASCII any character but controls and what some take for line ends; and `\x{…}` for a character that is none of these.
 * The grammar has `\x{…}` for control characters too: those are left out here, they reach header fields.
 */
const UNITEXT =
  /^(?:[!-*,-<>-[\]-~]|[^\0-\x9f\u2028\u2029\ud800-\udfff]|\\x\{(?:20|2[Bb]|3[Dd]|5[Cc]|[A-Fa-f][0-9A-Fa-f]|[1-9A-Fa-f][0-9A-Fa-f]{2}|[1-9A-CEFa-cef][0-9A-Fa-f]{3}|[Dd][0-7][0-9A-Fa-f]{2}|[1-9A-Fa-f][0-9A-Fa-f]{4}|10[0-9A-Fa-f]{4})\})+$/u;
const EMBEDDED = /\\x\{([0-9A-Fa-f]+)\}/g;
const LINE_END = /[\u2028\u2029]/;

/**
 * Reads utf-8-addr-xtext, utf-8-addr-unitext, or an utf-8-address in which nothing has to be encoded (RFC 6533 3).
 * Undefined for anything else, and for what holds a control character, encoded or not.
 */
export function decodeUnitext(text: string): string | undefined {
  if (!UNITEXT.test(text)) return undefined;
  const decoded = text.replace(EMBEDDED, (_, hexpoint: string) => String.fromCodePoint(Number.parseInt(hexpoint, 16)));
  return LINE_END.test(decoded) ? undefined : decoded;
}

const ASCII_SPECIAL = /[\0- +=\\\x7f]/g;
const SPECIAL = /[\0- +=\\\x7f]|[^\0-\x7f]/gu;

/**
 * Writes an address as utf-8-addr-xtext, which is all ASCII, or as utf-8-addr-unitext, which keeps what is beyond ASCII:
 * for servers that offer SMTPUTF8 (RFC 6533 3).
 */
export function encodeUnitext(address: string, form: 'xtext' | 'unitext'): string {
  return address.replace(form === 'xtext' ? SPECIAL : ASCII_SPECIAL, (character) => {
    const hexpoint = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
    return `\\x{${hexpoint.padStart(2, '0')}}`;
  });
}
