import { definePlugin, type Plugin, type Verb } from '../plugin.ts';
import { replies } from '../replies.ts';
import type { Awaitable } from '../awaitable.ts';
import type { Reply } from '../wire/reply.ts';

/** HELO and EHLO (RFC 5321 4.1.1.1). The name is taken as given, short of what no host name holds. */
export function hello(): Plugin {
  return definePlugin({
    name: 'hello',
    verbs: {
      HELO: { endsGroup: true, handle: (verb) => greeted(verb, false) },
      EHLO: { endsGroup: true, handle: (verb) => greeted(verb, true) },
    },
  });
}

function greeted(verb: Verb, extended: boolean): Awaitable<Reply> {
  // Lenient as every receiver has to be: real clients send underscores and bare words. A path or a space is a mistake.
  const name = verb.args;
  if (!/^[!-;=?-~]{1,255}$/.test(name)) return replies.of(501, '5.5.4', 'Give your host name or address literal');
  return verb.advertise(name, extended);
}
