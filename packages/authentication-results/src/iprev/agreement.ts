import ipaddr from 'ipaddr.js';
import type { Iprev } from '../results.ts';
import type { Resolver } from '../tokens.ts';

/** Names of one address that are looked at: more would be a stranger's way to make us ask. */
export const mostNames = 10;

/**
 * Whether the address has a name that has the address (RFC 8601 2.7.3). Never rejects. IPv4 mapped into IPv6 is IPv4.
 * Of several names the first that leads back is the one.
 */
export async function agreement(address: string, resolve: Resolver): Promise<Iprev> {
  const reverse = reverseName(address);
  if (reverse === undefined) return said(address, 'permerror', 'not an IP address');
  let names: readonly string[];
  try {
    names = await resolve(reverse, 'PTR');
  } catch (error) {
    return isVoid(error) ? said(address, 'permerror', 'no name') : said(address, 'temperror', 'no answer for its name');
  }
  const type = ipaddr.process(address).kind() === 'ipv4' ? 'A' : 'AAAA';
  const led = await Promise.all(names.slice(0, mostNames).map((name) => leadsBack(name, type, address, resolve)));
  const at = led.indexOf(true);
  if (at >= 0) return said(address, 'pass', nameOf(names[at]), nameOf(names[at]));
  if (led.includes(undefined)) return said(address, 'temperror', "no answer for its name's address");
  return said(address, 'fail', 'its name is not its own');
}

/** The name under which an address's names are; undefined for what is no address. */
export function reverseName(address: string): string | undefined {
  if (!ipaddr.isValid(address)) return undefined;
  const parsed = ipaddr.process(address);
  const octets = parsed.toByteArray().toReversed();
  if (parsed.kind() === 'ipv4') return `${octets.join('.')}.in-addr.arpa`;
  return `${octets.map((octet) => `${(octet & 15).toString(16)}.${(octet >> 4).toString(16)}`).join('.')}.ip6.arpa`;
}

/** Undefined: nobody can say now. */
async function leadsBack(
  name: string,
  type: 'A' | 'AAAA',
  address: string,
  resolve: Resolver,
): Promise<boolean | undefined> {
  try {
    const addresses = await resolve(name, type);
    return addresses.some((other) => same(other, address));
  } catch (error) {
    return isVoid(error) ? false : undefined;
  }
}

function same(one: string, other: string): boolean {
  return ipaddr.isValid(one) && ipaddr.process(one).toString() === ipaddr.process(other).toString();
}

const nameOf = (name = ''): string => name.toLowerCase().replace(/\.$/, '');

/** A name that can't be asked for is as good as none. */
const isVoid = (error: unknown): boolean =>
  ['ENOTFOUND', 'ENODATA', 'EBADNAME'].includes((error as { readonly code?: string }).code ?? '');

function said(address: string, result: Iprev['result'], comment: string, name?: string): Iprev {
  const properties = [{ ptype: 'policy', property: 'iprev', value: address }];
  const resinfo = [{ method: 'iprev', result, comment, properties }];
  return { result, address, comment, resinfo, ...(name !== undefined && { name }) };
}
