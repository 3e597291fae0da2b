import { definePlugin, Identity, replies, type Plugin } from '@maitred/core';

/**
 * Accepts any recipient from an authenticated client: the one way to take mail for others' domains. Use it after whoever
 * knows the recipients of your own, and with a sink that sends on what is not yours.
 */
export function relayForAuthenticated(): Plugin {
  return definePlugin({
    name: 'relay-for-authenticated',
    requires: [Identity],
    accepts: {
      who: 'any recipient, for an authenticated client',
      claim: (ctx) => (ctx.get(Identity) ? willRelay : undefined),
    },
  });
}

const willRelay = replies.of(250, '2.1.5', 'Recipient OK, will relay');
