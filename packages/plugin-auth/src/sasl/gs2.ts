/** What a client says of channel binding: it can't, it can but thinks that we can't, or it uses this type. */
export type BindingFlag = 'n' | 'y' | { readonly type: string };

/** The header of a SASL message that GSS-API could have made (RFC 5801 4, RFC 5802 7). */
export interface Gs2Header {
  /** As received, with its last comma: it is what the channel binding binds. */
  readonly text: string;
  readonly flag: BindingFlag;
  /** The authorization identity. */
  readonly actAs: string | undefined;
  /** What follows the header. */
  readonly rest: string;
}

/** Reads the header at the front of a message; undefined when there is none. */
export function parseGs2Header(message: string): Gs2Header | undefined {
  const first = message.indexOf(',');
  const second = first < 0 ? -1 : message.indexOf(',', first + 1);
  if (second < 0) return undefined;
  const flag = parseFlag(message.slice(0, first));
  const authzid = message.slice(first + 1, second);
  const actAs = authzid === '' ? undefined : authzid.startsWith('a=') ? parseSaslName(authzid.slice(2)) : undefined;
  if (flag === undefined || (authzid !== '' && actAs === undefined)) return undefined;
  return { text: message.slice(0, second + 1), flag, actAs, rest: message.slice(second + 1) };
}

function parseFlag(text: string): BindingFlag | undefined {
  if (text === 'n' || text === 'y') return text;
  return /^p=[A-Za-z0-9.-]+$/.test(text) ? { type: text.slice(2) } : undefined;
}

/** Reads a saslname (RFC 5802 7): `=2C` is a comma, `=3D` an equals sign; undefined for any other `=`, for NUL, for none. */
export function parseSaslName(text: string): string | undefined {
  if (text === '' || /[,\0]|=(?!2C|3D)/.test(text)) return undefined;
  return text.replaceAll('=2C', ',').replaceAll('=3D', '=');
}
