import { BlockList, isIP, isIPv6 } from 'node:net';

/**
 * Reads a list of networks, as options that name clients have it: addresses and `address/prefix`, or Node's own list. What
 * it gives tells whether an address is in one. IPv4 mapped into IPv6 is IPv4, in the list and in what is looked up; a
 * looked-up address may have a zone, which doesn't count; what has no address, as on a Unix socket, is in no list.
 *
 * Throws RangeError, naming the entry, for what is no network.
 */
export function listedIn(networks: readonly string[] | BlockList): (address: string) => boolean {
  const list = networks instanceof BlockList ? networks : [...networks].reduce(add, new BlockList());
  return (address) => isIP(address) !== 0 && list.check(address, familyOf(address));
}

function add(list: BlockList, entry: string): BlockList {
  const [, address = '', prefix] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const bits = isIPv6(address) ? 128 : 32;
  if (isIP(address) === 0 || Number(prefix ?? 0) > bits) {
    throw new RangeError(`${entry} is no network: neither an address nor an address/prefix`);
  }
  list.addSubnet(address, Number(prefix ?? bits), familyOf(address));
  return list;
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');
