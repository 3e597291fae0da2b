import { definePlugin, replies, type Plugin, type Session } from '@maitred/core';

/** Who need not use TLS. */
export interface RequireTlsOptions {
  /** A plaintext session that may go on all the same: `({ listener }) => listener.name === 'internal'`. */
  readonly except?: (session: Session) => boolean;
}

/** RFC 3207 4 names NOOP, EHLO, STARTTLS and QUIT; the others give nothing away either. */
const allowed: ReadonlySet<string> = new Set(['NOOP', 'EHLO', 'HELO', 'STARTTLS', 'QUIT', 'RSET', 'HELP']);

/**
 * 530 5.7.0 to every other command in plaintext (RFC 3207 4). For submission and for partners: a server that takes mail
 * from the whole internet must not require TLS (RFC 3207 4), for it would refuse who has none.
 */
export function requireTls({ except }: RequireTlsOptions = {}): Plugin {
  return definePlugin({
    name: 'require-tls',
    stages: {
      command: async (ctx, next) => {
        // What nobody knows is core's to answer: another protocol's words end the connection there.
        const free = ctx.tls !== undefined || !ctx.command.known || allowed.has(ctx.command.verb);
        return free || except?.(ctx) === true ? next() : tlsFirst;
      },
    },
  });
}

const tlsFirst = Object.freeze(replies.of(530, '5.7.0', 'Must issue a STARTTLS command first'));
