import { definePlugin, type Plugin, type VerbSpec } from '../plugin.ts';
import { replies, Texts } from '../replies.ts';

/** RSET, NOOP, HELP and QUIT (RFC 5321 4.1.1.5, 4.1.1.8 to 4.1.1.10). */
export function session(): Plugin {
  return definePlugin({
    name: 'session',
    verbs: {
      RSET: withoutArguments((verb) => {
        verb.reset('RSET');
        return replies.ok;
      }),
      NOOP: { handle: () => replies.ok },
      HELP: { handle: (verb) => verb.inject(Texts).help(verb) },
      QUIT: withoutArguments((verb) => replies.closing(verb.inject(Texts).goodbye(verb))),
    },
  });
}

function withoutArguments(handle: VerbSpec['handle']): VerbSpec {
  return { handle: (verb) => (verb.args === '' ? handle(verb) : replies.badSyntax) };
}
