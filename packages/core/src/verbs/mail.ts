import { definePlugin, type Plugin } from '../plugin.ts';
import { replies } from '../replies.ts';
import { describePathFault, parseForwardPath, parseReversePath, type PathFault } from '../wire/path.ts';
import type { Reply } from '../wire/reply.ts';

/** MAIL and RCPT (RFC 5321 4.1.1.2, 4.1.1.3). */
export function mail(): Plugin {
  return definePlugin({
    name: 'mail',
    verbs: {
      MAIL: {
        when: (session) => (session.helo === undefined || session.transaction ? replies.badSequence : undefined),
        handle: (verb) => {
          const parsed = parseReversePath(verb.args);
          return typeof parsed === 'string' ? refused(parsed, '5.1.7') : verb.begin(parsed.path, parsed.parameters);
        },
      },
      RCPT: {
        when: (session) => (session.transaction && !session.transaction.body ? undefined : replies.badSequence),
        handle: (verb) => {
          const parsed = parseForwardPath(verb.args);
          return typeof parsed === 'string'
            ? refused(parsed, '5.1.3')
            : verb.addRecipient(parsed.path, parsed.parameters);
        },
      },
    },
  });
}

function refused(fault: PathFault, enhanced: '5.1.7' | '5.1.3'): Reply {
  return replies.of(501, enhanced, describePathFault(fault));
}
