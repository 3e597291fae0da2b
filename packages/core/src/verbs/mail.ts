import { definePlugin, type Plugin } from '../plugin.ts';
import { replies } from '../replies.ts';
import { parseForwardPath, parseReversePath, type PathFault } from '../wire/path.ts';
import type { Reply } from '../wire/reply.ts';

/** MAIL and RCPT (RFC 5321 4.1.1.2, 4.1.1.3). */
export function mail(): Plugin {
  return definePlugin({
    name: 'mail',
    verbs: {
      MAIL: {
        when: (session) => (session.helo === undefined || session.transaction ? replies.badSequence : undefined),
        handle: async (verb) => {
          const parsed = parseReversePath(verb.args);
          return typeof parsed === 'string' ? refused(parsed, '5.1.7') : verb.begin(parsed.path, parsed.parameters);
        },
      },
      RCPT: {
        when: (session) => (session.transaction && !session.transaction.body ? undefined : replies.badSequence),
        handle: async (verb) => {
          const parsed = parseForwardPath(verb.args);
          return typeof parsed === 'string'
            ? refused(parsed, '5.1.3')
            : verb.addRecipient(parsed.path, parsed.parameters);
        },
      },
    },
  });
}

const texts: Readonly<Record<PathFault, string>> = {
  keyword: 'Syntax: MAIL FROM:<address> or RCPT TO:<address>',
  brackets: 'Put the address in angle brackets',
  route: 'Bad source route',
  local: 'Bad local part',
  domain: 'Bad domain',
  'no-domain': 'The address has no domain',
  null: 'The null path is no recipient',
  'local-too-long': 'Local part longer than 64 octets',
  'domain-too-long': 'Domain longer than 255 octets',
  'path-too-long': 'Path longer than 256 octets',
  syntax: 'Syntax error in the path',
};

function refused(fault: PathFault, enhanced: '5.1.7' | '5.1.3'): Reply {
  return replies.of(501, enhanced, texts[fault]);
}
