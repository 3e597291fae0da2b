import { BlockList, isIP } from 'node:net';

/** Tells whether the address of a socket's other end is in a list. */
export type Listed = (address: string) => boolean;

/**
 * Reads a list of networks: addresses and `address/prefix`. IPv4 mapped into IPv6 is IPv4, in the list and in what is
 * looked up; zones don't count; what has no address, as on a Unix socket, is in no list.
 *
 * Throws RangeError, naming the entry, for what is no network, and for an empty list.
 */
export function listedIn(networks: readonly string[] | BlockList): Listed {
  if (networks instanceof BlockList) return (address) => checked(networks, address);
  if (networks.length === 0) throw new RangeError('no network is listed: whose header is to be believed?');
  const list = new BlockList();
  for (const entry of networks) add(list, entry);
  return (address) => checked(list, address);
}

function add(list: BlockList, entry: string): void {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const version = address.includes('%') ? 0 : isIP(address);
  const bits = version === 6 ? 128 : 32;
  if (version === 0 || Number(prefix ?? 0) > bits) {
    throw new RangeError(`${entry} is no network: neither an address nor an address/prefix`);
  }
  list.addSubnet(address, prefix === undefined ? bits : Number(prefix), version === 6 ? 'ipv6' : 'ipv4');
}

function checked(list: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
}
