import { definePlugin, key, type Key, type Plugin } from '@maitred/core';
import { IprevResult } from '../keys.ts';
import { Dns } from '../tokens.ts';
import { agreement } from './agreement.ts';

/** Ends the look-up with its connection: nothing of a stage's own lives that long. */
const Ending: Key<AbortController, 'connection'> = key("iprev's end", 'connection');

/**
 * Looks whether the client's address and its name agree (RFC 8601 2.7.3), from the connection's first moment and without
 * holding it up: {@link IprevResult}. A report, never a refusal. On a Unix socket, where there is no address, it's not set.
 */
export function iprev(): Plugin {
  return definePlugin({
    name: 'iprev',
    requires: [Dns],
    provides: [IprevResult, Ending],
    stages: {
      connect: {
        when: ({ remote }) => remote.address !== '',
        handle: (ctx, next) => {
          ctx.get(Ending)?.abort(); // a restart tells another client
          const ending = new AbortController();
          ctx.set(Ending, ending);
          ctx.set(IprevResult, agreement(ctx.remote.address, ctx.inject(Dns).within(ending.signal)));
          return next();
        },
      },
      close: (ctx) => ctx.get(Ending)?.abort(),
    },
  });
}
