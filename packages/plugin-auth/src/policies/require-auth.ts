import { definePlugin, Identity, replies, type Plugin, type Session } from '@maitred/core';

/** Who need not authenticate. */
export interface RequireAuthOptions {
  /** An anonymous session that may go on all the same: `({ listener }) => listener.name === 'internal'`. */
  readonly except?: (session: Session) => boolean;
}

/** RFC 4954 6 names AUTH, EHLO, HELO, NOOP, RSET and QUIT; STARTTLS comes before AUTH, and HELP gives nothing away. */
const allowed: ReadonlySet<string> = new Set(['AUTH', 'EHLO', 'HELO', 'NOOP', 'RSET', 'QUIT', 'STARTTLS', 'HELP']);

/** 530 5.7.0 to every other command before somebody has proven who it is, by whatever means. For submission (RFC 6409 4.3). */
export function requireAuth({ except }: RequireAuthOptions = {}): Plugin {
  return definePlugin({
    name: 'require-auth',
    requires: [Identity],
    stages: {
      command: async (ctx, next) => {
        const { verb, known } = ctx.command;
        // What nobody knows is core's to answer: another protocol's words end the connection there.
        const free = !known || allowed.has(verb) || ctx.get(Identity) !== undefined;
        return free || except?.(ctx) === true ? next() : authenticateFirst;
      },
    },
  });
}

const authenticateFirst = replies.of(530, '5.7.0', 'Authentication required');
