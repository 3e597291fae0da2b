import { definePlugin, type Plugin } from '../plugin.ts';
import { replies } from '../replies.ts';

/** DATA (RFC 5321 4.1.1.4). */
export function data(): Plugin {
  return definePlugin({
    name: 'data',
    verbs: {
      DATA: {
        endsGroup: true,
        when: (session) => (session.transaction && !session.transaction.body ? undefined : replies.badSequence),
        handle: async (verb) => {
          if (verb.args !== '') return replies.badSyntax;
          if (verb.transaction?.recipients.length === 0) return replies.of(554, '5.5.1', 'No valid recipients');
          const body = await verb.openBody('data');
          const { refused } = body;
          if (refused) return refused;
          const written = verb.prompt(goAhead);
          if (written) await written;
          for await (const chunk of verb.dotted()) {
            const wait = body.write(chunk);
            if (wait) await wait;
          }
          return body.end();
        },
      },
    },
  });
}

const goAhead = Object.freeze(replies.of(354, undefined, 'End data with <CR><LF>.<CR><LF>'));
