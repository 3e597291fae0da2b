import { definePlugin, type Plugin } from '../plugin.ts';
import { replies } from '../replies.ts';

/** VRFY and EXPN as they tell nothing (RFC 5321 3.5.3, 7.3): the same for every address. A plugin may replace them. */
export function privacy(): Plugin {
  return definePlugin({
    name: 'privacy',
    verbs: {
      VRFY: { handle: async (verb) => (verb.args === '' ? replies.badSyntax : cannotVerify) },
      EXPN: { handle: async () => notImplemented },
    },
  });
}

const cannotVerify = Object.freeze(replies.of(252, '2.5.0', 'Cannot verify, but send some mail and it will be tried'));
const notImplemented = Object.freeze(replies.of(502, '5.5.1', 'Command not implemented'));
