import type { Awaitable } from './awaitable.ts';
import type { CloseCause } from './context.ts';
import type { Conversation } from './conversation.ts';
import type { Exchange } from './exchange.ts';
import { Gone, tell } from './failure.ts';
import { greet } from './greeting.ts';
import { prologue } from './prologue.ts';
import { replies } from './replies.ts';
import { Scope } from './scope.ts';
import { SessionState } from './state.ts';
import type { TlsSettings } from './transport.ts';
import { View } from './view.ts';
import type { Reply } from './wire/reply.ts';

/** Who lets clients in, and is told when they are gone. */
export interface Door<C = Conversation> {
  /** A reply turns the client away, once it's known who it is. */
  admit(connection: C, address: string): Reply | undefined;
  left(connection: C): void;
}

/**
 * From a client's first octet to its greeting: prologues, the door, implicit TLS, `connect`; or it goes without a word. At
 * once, where none of them waits for anything.
 */
export function welcome<C extends Conversation>(
  c: C,
  exchange: Exchange,
  tls: TlsSettings | undefined,
  door: Door<C>,
): Awaitable<Reply | 'close'> {
  if (c.house.registry.prologues.length === 0) return enter(c, exchange, tls, door);
  return prologue(c).then((facts) => {
    if (facts === 'close') return 'close';
    c.session = new SessionState(facts, undefined);
    return enter(c, exchange, tls, door);
  });
}

function enter<C extends Conversation>(
  c: C,
  exchange: Exchange,
  tls: TlsSettings | undefined,
  door: Door<C>,
): Awaitable<Reply> {
  const refusal = door.admit(c, c.session.remote.address);
  if (!tls) return refusal ? replies.closing(refusal) : greet(c, c.session);
  // A handshake would be the work that a flood is after.
  if (refusal) throw new Gone();
  return exchange.secure(tls, 'keep').then((info) => {
    c.session = new SessionState(c.session, info);
    return greet(c, c.session);
  });
}

/** Tells who hooks `close` that a client is gone, and why. */
export function farewell(c: Conversation, cause: CloseCause): void {
  for (const { owner, it } of c.house.registry.collected.close) {
    tell(c, owner, 'close', () => it(new View(new Scope(c, 'close', { cause }), owner)));
  }
}
