import type { Exchange, Mechanism, Outcome } from '../mechanism.ts';
import { parseOAuthBearer, parseXOAuth2, type BearerMessage } from '../sasl/bearer.ts';
import { prepare } from '../sasl/prepare.ts';

/** What a client whose token is refused is told, so that it can get another one. */
export interface BearerOptions {
  /** The scope that a token needs. */
  readonly scope?: string;
  /** Where the authorization server describes itself: a URL (RFC 7628 3.2.2). OAUTHBEARER alone. */
  readonly openidConfiguration?: string;
}

/** OAUTHBEARER (RFC 7628): an OAuth 2 bearer token. */
export function oauthBearer({ scope, openidConfiguration }: BearerOptions = {}): Mechanism {
  const fault = { status: 'invalid_token', schemes: 'bearer', scope, 'openid-configuration': openidConfiguration };
  return {
    name: 'OAUTHBEARER',
    needs: 'verifyToken',
    authenticate: async (exchange) => verified(exchange, 'OAUTHBEARER', parseOAuthBearer(await exchange.ask()), fault),
  };
}

/** XOAUTH2: the same before there was an RFC, as Google and Microsoft have it. */
export function xoauth2({ scope }: BearerOptions = {}): Mechanism {
  const fault = { status: '401', schemes: 'bearer', scope };
  return {
    name: 'XOAUTH2',
    needs: 'verifyToken',
    authenticate: async (exchange) => verified(exchange, 'XOAUTH2', parseXOAuth2(await exchange.ask()), fault),
  };
}

async function verified(
  { ask, claims, directory, signal }: Exchange,
  mechanism: string,
  message: BearerMessage | undefined,
  fault: object,
): Promise<Outcome> {
  if (!message) return 'malformed';
  const { token, ...claim } = message;
  const user = claim.user === undefined ? undefined : prepare(claim.user);
  if (user !== undefined) claims(user);
  const unprepared = claim.user !== undefined && user === undefined;
  const identity = unprepared ? undefined : await directory.verifyToken?.(token, { ...claim, user, mechanism }, signal);
  if (identity !== undefined) return { identity, actAs: user };
  // The client answers that it has seen this, and is then refused (RFC 7628 3.2.3).
  await ask(JSON.stringify(fault));
  return 'refused';
}
