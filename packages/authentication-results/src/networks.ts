import { BlockList, isIP } from 'node:net';

/**
 * Reads a list of networks: addresses and `address/prefix`. IPv4 mapped into IPv6 is IPv4; what has no address, as on a
 * Unix socket, is in no list. Throws RangeError, naming the entry, for what is no network.
 */
export function listedIn(networks: readonly string[] | BlockList): (address: string) => boolean {
  const list = networks instanceof BlockList ? networks : listOf(networks);
  return (address) => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
  };
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of networks) {
    const [, address = '', prefix] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
    const version = isIP(address);
    const bits = version === 6 ? 128 : 32;
    if (version === 0 || Number(prefix ?? 0) > bits) {
      throw new RangeError(`${entry} is no network: neither an address nor an address/prefix`);
    }
    list.addSubnet(address, prefix === undefined ? bits : Number(prefix), version === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
