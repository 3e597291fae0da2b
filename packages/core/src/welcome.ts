import { chain, type Awaitable } from './awaitable.ts';
import type { Connection } from './connection.ts';
import type { CloseCause } from './context.ts';
import { Gone, tell } from './failure.ts';
import { greet } from './greeting.ts';
import type { Listeners } from './listeners.ts';
import { prologue } from './prologue.ts';
import { replies } from './replies.ts';
import { Scope } from './scope.ts';
import { SessionState } from './state.ts';
import type { TlsSettings } from './transport.ts';
import { View } from './view.ts';
import type { Reply } from './wire/reply.ts';

/**
 * From a client's first octet to its greeting: prologues, the door, implicit TLS, `connect`; or it goes without a word. At
 * once, where none of them waits for anything.
 */
export function welcome(c: Connection, tls: TlsSettings | undefined, door: Listeners): Awaitable<Reply | 'close'> {
  const ends = c.house.registry.prologues.length > 0 ? prologue(c) : undefined;
  return chain(ends, (it) => it ?? enter(c, tls, door));
}

function enter(c: Connection, tls: TlsSettings | undefined, door: Listeners): Awaitable<Reply> {
  const refusal = door.admit(c, c.session.remote.address);
  if (!tls) return refusal ? replies.closing(refusal) : greet(c, c.session);
  // A handshake would be the work that a flood is after.
  if (refusal) throw new Gone();
  return c.exchange.secure(tls, 'keep').then((info) => {
    c.session = new SessionState(c.session, info);
    return greet(c, c.session);
  });
}

/** Tells who hooks `close` that a client is gone, and why. */
export function farewell(c: Connection, cause: CloseCause): void {
  for (const { owner, it } of c.house.registry.collected.close) {
    tell(c, owner, 'close', () => it(new View(new Scope(c, 'close', { cause }), owner)));
  }
}
