import { definePlugin, replies, token, type Plugin, type Token } from '@maitred/core';
import type { Duplex } from 'node:stream';

/** What waits for a client that takes its mail over its own connection. */
export interface Waiting {
  has(domain: string): Promise<boolean>;
  /** Speaks SMTP as the client, on a stream that is the client's from here on. */
  deliver(domain: string, stream: Duplex, signal: AbortSignal): Promise<void>;
}

/** The queue behind ATRN. */
export const Waiting: Token<Waiting> = token('waiting');

/** ATRN (RFC 2645 4): after a 250 the roles are reversed. */
export function atrn(): Plugin {
  return definePlugin({
    name: 'atrn',
    requires: [Waiting],
    extensions: { ATRN: {} },
    verbs: {
      ATRN: {
        extension: 'ATRN',
        endsGroup: true,
        when: ({ transaction }) => (transaction ? replies.badSequence : undefined),
        handle: async (verb) => {
          const waiting = verb.inject(Waiting);
          if (!(await waiting.has(verb.args))) return replies.of(453, '4.3.0', 'You have no mail');
          verb.after((powers) => powers.takeOver((stream, signal) => waiting.deliver(verb.args, stream, signal)));
          return replies.of(250, '2.0.0', 'OK now reversing the connection');
        },
      },
    },
  });
}
