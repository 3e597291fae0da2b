import { createServer } from '@maitred/core';
import type { Message, Server } from '@maitred/core';
import { Tickets, tickets } from './tickets.ts';

/** A server that knows tickets 1 (open) and 2 (closed), and hands every message for desk.example on. */
export function ticketServer(keep: (message: Message) => Promise<void>): Server {
  return createServer({ hostname: 'desk.example' })
    .use(tickets())
    .override(Tickets, { state: async (ticket) => (ticket === 1 ? 'open' : ticket === 2 ? 'closed' : undefined) })
    .accept((ctx) => ctx.recipient.path.domain === 'desk.example')
    .deliver(keep);
}
