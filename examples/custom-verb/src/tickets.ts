import { definePlugin, key, parameter, replies, service, token } from '@maitred/core';
import type { Key, Plugin, Token } from '@maitred/core';

/** What a ticket system would do for us. */
export interface Tickets {
  /** The state of a ticket, or undefined when there is none of that number. */
  state(ticket: number): Promise<'open' | 'closed' | undefined>;
}

/** Who knows the tickets: an application registers its own with `server.override(Tickets, …)`. */
export const Tickets: Token<Tickets> = token('tickets');

/** The ticket that a message belongs to, as its sender said with `MAIL FROM:<…> XTICKET=<number>`. */
export const Ticket: Key<number, 'transaction'> = key('ticket', 'transaction');

/** No tickets at all: what the example starts from. */
const none: Tickets = { state: async () => undefined };

/** A keyword of EHLO, a parameter of MAIL, a verb and a hook of a stage: all that an extension can be, in one plugin. */
export function tickets(): Plugin {
  return definePlugin({
    name: 'tickets',
    provides: [Ticket],
    requires: [Tickets],
    services: [service({ token: Tickets, create: () => none })],
    extensions: { XTICKET: {} },
    parameters: {
      MAIL: {
        XTICKET: parameter({
          extension: 'XTICKET',
          key: Ticket,
          octets: 17,
          parse: (value) => numberOf(value) ?? replies.of(501, '5.5.4', 'XTICKET=<number>'),
        }),
      },
    },
    verbs: {
      XTICKET: {
        extension: 'XTICKET',
        handle: async (verb) => {
          const ticket = numberOf(verb.args);
          if (ticket === undefined) return replies.badSyntax;
          const state = await verb.inject(Tickets).state(ticket);
          return state ? replies.of(250, '2.0.0', `${ticket} is ${state}`) : replies.of(550, '5.0.0', 'No such ticket');
        },
      },
    },
    stages: {
      message: async (message, next) => {
        const ticket = message.get(Ticket);
        if (ticket !== undefined) message.content.header.prepend(`X-Ticket: ${ticket}`);
        return next();
      },
    },
  });
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}
