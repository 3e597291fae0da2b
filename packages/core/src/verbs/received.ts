import { Clock } from '../clock.ts';
import type { Message } from '../context.ts';
import { Identity, Internationalized } from '../key.ts';
import { definePlugin, type Plugin } from '../plugin.ts';
import { formatDate } from '../wire/date.ts';

/** Adds the `Received:` field (RFC 5321 4.4, keywords of RFC 3848 and 6531). Leave it out with `without`. */
export function received(): Plugin {
  return definePlugin({
    name: 'received',
    optional: [Identity, Internationalized],
    stages: {
      // Outside all others, so that what they prepend stands above: a trace is read from the top down.
      message: {
        order: 'pre',
        handle: (message, next) => {
          message.content.header.prepend(traceField(message));
          return next();
        },
      },
    },
  });
}

function traceField(message: Message): string {
  const { remote, hostname, id, tls, recipients } = message;
  // The client's own words, short of what is syntax here: a parenthesis would hide in a comment where it came from.
  const helo = (message.helo ?? 'unknown').replace(/["(),;<>@\\]/g, '?');
  const from = remote.address === '' ? helo : `${helo} ([${literal(remote.address)}])`;
  const security = tls ? ` (${tls.protocol} ${tls.cipher})` : '';
  // Only of one recipient: a message to several would show each to the others.
  const [only, ...others] = recipients;
  const to = only?.path.ascii && others.length === 0 ? ` for <${only.path.mailbox}>` : '';
  const date = formatDate(message.inject(Clock).now());
  return `Received: from ${from}\r\n\tby ${hostname}${security} with ${keyword(message)} id ${id}${to};\r\n\t${date}`;
}

function literal(address: string): string {
  return address.includes(':') ? `IPv6:${address}` : address;
}

/** SMTP, ESMTP, ESMTPS, ESMTPA, ESMTPSA, and the UTF8SMTP family. */
function keyword(message: Message): string {
  const base = message.get(Internationalized) ? 'UTF8SMTP' : message.protocol;
  if (message.protocol === 'SMTP') return base;
  return `${base}${message.tls ? 'S' : ''}${message.get(Identity) ? 'A' : ''}`;
}
