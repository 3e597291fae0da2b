import type { Buffer } from 'node:buffer';
import { parseGs2Header } from './gs2.ts';
import { utf8 } from './utf8.ts';

/** What a client that has an OAuth token says (RFC 7628 3.1). */
export interface BearerMessage {
  /** Whom it wants to be taken for; undefined leaves it to the token. */
  readonly user: string | undefined;
  /** The bearer token (RFC 6750 2.1). */
  readonly token: string;
  /** The server and port that the client believes to talk to. */
  readonly host: string | undefined;
  readonly port: number | undefined;
}

/** Reads OAUTHBEARER's message (RFC 7628 3.1): undefined for another form, another scheme, and for channel binding. */
export function parseOAuthBearer(octets: Buffer): BearerMessage | undefined {
  const header = parseGs2Header(utf8(octets) ?? '');
  if (!header || typeof header.flag === 'object' || !header.rest.startsWith('\x01')) return undefined;
  const pairs = parsePairs(header.rest.slice(1));
  const token = parseAuthorization(pairs?.get('auth'));
  const port = pairs?.get('port');
  if (!pairs || token === undefined || (port !== undefined && !/^\d{1,5}$/.test(port))) return undefined;
  return {
    user: header.actAs,
    token,
    host: pairs.get('host'),
    port: port === undefined ? undefined : Number(port),
  };
}

/** Reads XOAUTH2's message, `user=…^Aauth=Bearer …^A^A`, as Google and Microsoft define it; undefined for another form. */
export function parseXOAuth2(octets: Buffer): BearerMessage | undefined {
  const pairs = parsePairs(utf8(octets) ?? '');
  const user = pairs?.get('user');
  const token = parseAuthorization(pairs?.get('auth'));
  if (!user || token === undefined) return undefined;
  return { user, token, host: undefined, port: undefined };
}

/** `key=value^A` any number of times, then `^A`. A key that comes twice makes all of it void. */
function parsePairs(text: string): ReadonlyMap<string, string> | undefined {
  if (!text.endsWith('\x01\x01')) return undefined;
  const pairs = new Map<string, string>();
  for (const pair of text.slice(0, -2).split('\x01')) {
    const [, key, value] = /^([A-Za-z]+)=([\t\r\n -~]*)$/.exec(pair) ?? [];
    if (key === undefined || value === undefined || pairs.has(key)) return undefined;
    pairs.set(key, value);
  }
  return pairs;
}

function parseAuthorization(value: string | undefined): string | undefined {
  return /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(value ?? '')?.[1];
}
