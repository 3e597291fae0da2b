import {
  decodeXtext,
  definePlugin,
  Identity,
  replies,
  type Identified,
  type Peer,
  type Plugin,
  type Reply,
  type Verb,
} from '@maitred/core';

/** XCLIENT (Postfix): a trusted proxy tells whom it speaks for, and the session starts anew as that client's. */
export function xclient({ trusted }: { readonly trusted: (socket: Peer) => boolean }): Plugin {
  return definePlugin({
    name: 'xclient',
    provides: [Identity],
    extensions: {
      XCLIENT: { when: ({ socket }) => trusted(socket), args: () => ['ADDR', 'PORT', 'LOGIN'] },
    },
    verbs: {
      XCLIENT: {
        extension: 'XCLIENT',
        endsGroup: true,
        when: ({ socket, transaction }) => (transaction || !trusted(socket) ? replies.badSequence : undefined),
        handle: startAnew,
      },
    },
  });
}

async function startAnew(verb: Verb): Promise<Reply> {
  const told = parse(verb.args);
  if (!told) return replies.badSyntax;
  const { login: id, ...remote } = told;
  const greeting = await verb.restart({ remote: { ...verb.remote, ...remote } }, (fresh) => {
    if (id !== undefined) fresh.set(Identity, { id, by: 'XCLIENT' } satisfies Identified);
  });
  // Whoever the proxy speaks for is not welcome: what follows must not count as the proxy's own.
  return greeting.code < 300 ? greeting : replies.closing(greeting);
}

interface Told {
  readonly address?: string;
  readonly port?: number;
  readonly login?: string;
}

function parse(args: string): Told | undefined {
  let told: Told = {};
  for (const word of args.split(' ')) {
    const [, name = '', xtext = ''] = /^([A-Z]+)=(.+)$/.exec(word) ?? [];
    const value = decodeXtext(xtext);
    if (name === 'ADDR' && value) told = { ...told, address: value };
    else if (name === 'PORT' && value && /^\d{1,5}$/.test(value)) told = { ...told, port: Number(value) };
    else if (name === 'LOGIN' && value) told = { ...told, login: value };
    else return undefined;
  }
  return told;
}
