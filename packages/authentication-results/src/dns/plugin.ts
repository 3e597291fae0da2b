import { Resolver as NodeResolver } from 'node:dns/promises';
import { Clock, definePlugin, service, type Plugin } from '@maitred/core';
import { Dns, type Resolver } from '../tokens.ts';
import { CachingDns, dnsLimitsOf, type DnsLimits } from './caching.ts';

/** What the DNS service is made with; every limit has its default in `defaultDnsLimits`. */
export interface DnsOptions extends Partial<DnsLimits> {
  /** Addresses of resolvers, with a port or without: `127.0.0.1:5353`. Default: the machine's. */
  readonly servers?: readonly string[];
  /** Asks instead of Node's resolver; errors by `code`. Takes no part in the cache or the limits. */
  readonly resolve?: Resolver;
}

/**
 * Registers the DNS service {@link Dns}: a cache for all connections, questions in flight shared, a budget for each
 * message. Names are checked before they are asked for. Use it before whatever verifies.
 *
 * Throws RangeError, naming it, for a limit that is none.
 */
export function dns({ servers, resolve, ...limits }: DnsOptions = {}): Plugin {
  const bounds = dnsLimitsOf(limits);
  return definePlugin({
    name: 'dns',
    provides: [Dns],
    services: [
      service({
        token: Dns,
        create: (inject) => {
          if (resolve) return new CachingDns(inject(Clock), resolve, bounds);
          const node = nodes(servers);
          const ask: Resolver = (name, type) => node.resolve(name, type) as Promise<never>;
          return new CachingDns(inject(Clock), ask, bounds, () => node.cancel());
        },
      }),
    ],
  });
}

/** Two tries, the second twice as patient, end within the five seconds that a question has by default. */
const patience = { timeout: 1_500, tries: 2 };

/** UDP, and TCP for what was truncated (RFC 7766). */
function nodes(servers: readonly string[] | undefined): NodeResolver {
  const resolver = new NodeResolver(patience);
  if (servers) resolver.setServers(servers);
  return resolver;
}
