import type { Buffer } from 'node:buffer';
import { utf8 } from './utf8.ts';

/** The one message of PLAIN (RFC 4616 2). */
export interface PlainMessage {
  /** The authorization identity; undefined when it's that of the user. */
  readonly actAs: string | undefined;
  readonly user: string;
  readonly password: string;
}

/** Reads `[authzid] NUL authcid NUL passwd`; undefined for anything else, an empty name or password included. */
export function parsePlain(octets: Buffer): PlainMessage | undefined {
  const [actAs, user, password, ...more] = utf8(octets)?.split('\0') ?? [];
  if (actAs === undefined || !user || !password || more.length > 0) return undefined;
  return { actAs: actAs === '' ? undefined : actAs, user, password };
}
