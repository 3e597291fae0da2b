import { Identity, listedIn, type Session } from '@maitred/core';

/** Who is told the truth. Without either, nobody is. */
export interface Exposure {
  /** Clients that have proved who they are, by whatever means. Default: false. */
  readonly authenticated?: boolean;
  /**
   * Clients whose address is in one of these: addresses and `address/prefix`. IPv4 mapped into IPv6 is IPv4. Behind a trusted
   * proxy it's the client's address that counts, not the proxy's. Default: none.
   */
  readonly networks?: readonly string[];
}

/** Whether a session's client is told. */
export type Told = (session: Session) => boolean;

/** Tells whom an exposure means; undefined when it means nobody. Throws RangeError, naming the entry, for what is no network. */
export function toldTo({ authenticated = false, networks = [] }: Exposure = {}): Told | undefined {
  if (!authenticated && networks.length === 0) return undefined;
  const listed = listedIn(networks);
  return (session) => (authenticated && session.get(Identity) !== undefined) || listed(session.remote.address);
}
