import {
  definePlugin,
  parameter,
  replies,
  type Awaitable,
  type Plugin,
  type RecipientContext,
  type Reply,
} from '@maitred/core';
import { saysTlsNotRequired } from './field.ts';
import { TlsRequired } from './keys.ts';

/** What {@link requiretls} is made with. */
export interface RequiretlsOptions {
  /**
   * Whether a message that requires TLS can reach this recipient as it wants to: kept here, or sent on over verified TLS to
   * a server that offers REQUIRETLS (RFC 8689 4.2.1). Asked of each recipient that was accepted for such a message, but not
   * of a notification's (5); where it says false, the answer is 550 5.7.30. `() => true` where all mail stays here.
   */
  readonly honours: (ctx: RecipientContext) => Awaitable<boolean>;
}

/**
 * REQUIRETLS (RFC 8689): offers it within TLS, and keeps what MAIL's parameter or else the header field `TLS-Required: No`
 * wants under {@link TlsRequired}. Who offers it promises to honour it: `honours` says for whom that can be done, and the
 * others are refused while their sender still listens.
 */
export function requiretls({ honours }: RequiretlsOptions): Plugin {
  return definePlugin({
    name: 'requiretls',
    provides: [TlsRequired],
    extensions: { REQUIRETLS: { when: (session) => session.tls !== undefined } },
    parameters: {
      MAIL: {
        REQUIRETLS: parameter({
          extension: 'REQUIRETLS',
          key: TlsRequired,
          octets: 11,
          parse: (value) => (value === undefined ? true : takesNoValue),
        }),
      },
    },
    stages: {
      rcpt: async (ctx, next) => {
        const reply = await next();
        if (reply.code >= 300 || ctx.get(TlsRequired) !== true || ctx.sender.null) return reply;
        return (await honours(ctx)) ? reply : supportRequired;
      },
      message: async (message, next) => {
        // The parameter overrides the field (RFC 8689 4.1).
        const open = message.get(TlsRequired) === undefined;
        if (open && saysTlsNotRequired(await message.content.header.fields())) message.set(TlsRequired, false);
        return next();
      },
    },
  });
}

/** 550 5.7.30 (RFC 8689 4.2.1): for a sink, too, that finds no way on. */
export const supportRequired: Reply = replies.of(550, '5.7.30', 'REQUIRETLS support required');

const takesNoValue = replies.of(501, '5.5.4', 'REQUIRETLS takes no value');
