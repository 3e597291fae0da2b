import { BlockList, isIP } from 'node:net';
import { Identity, type Session } from '@maitred/core';

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
  const list = new BlockList();
  for (const network of networks) add(list, network);
  return (session) => (authenticated && session.get(Identity) !== undefined) || within(list, session.remote.address);
}

function add(list: BlockList, network: string): void {
  const [, address = '', prefix] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(network) ?? [];
  const version = isIP(address);
  const bits = version === 6 ? 128 : 32;
  if (version === 0 || Number(prefix ?? 0) > bits) {
    throw new RangeError(`${network} is no network: neither an address nor an address/prefix`);
  }
  list.addSubnet(address, prefix === undefined ? bits : Number(prefix), version === 6 ? 'ipv6' : 'ipv4');
}

function within(list: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
}
