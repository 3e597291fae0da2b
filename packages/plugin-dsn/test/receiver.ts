import { createServer, type Server, type Usable } from '@maitred/core';
import { eightBitMime, smtpUtf8 } from '@maitred/plugin-esmtp';
import { dsn, mailParameters, messageRequest, rcptParameters, recipientRequest } from '../src/index.ts';

/** One message, as its envelope asked for notifications: what a relay would ask the next server for. */
export interface Asked {
  readonly mail: readonly string[];
  readonly rcpt: readonly (readonly string[])[];
}

/** A server that offers DSN and takes mail for anybody; `asked` grows with every message. */
export interface Receiver extends AsyncDisposable {
  readonly server: Server;
  readonly asked: readonly Asked[];
}

/** Plugins are used behind DSN, SMTPUTF8 and 8BITMIME. */
export function receiver(...plugins: readonly Usable[]): Receiver {
  const asked: Asked[] = [];
  const server = createServer({ hostname: 'mx.example' })
    .use(eightBitMime(), smtpUtf8(), dsn(), plugins)
    .accept(() => true)
    .deliver((message) => {
      asked.push({
        mail: mailParameters(messageRequest(message)),
        rcpt: message.recipients.map((recipient) => rcptParameters(recipientRequest(recipient), { smtpUtf8: true })),
      });
    });
  return { server, asked, [Symbol.asyncDispose]: () => server.close({ deadline: 0 }) };
}
