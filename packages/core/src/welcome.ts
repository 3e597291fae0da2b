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

/** From a client's first octet to its greeting: prologues, the door, implicit TLS, `connect`; or it goes without a word. */
export async function welcome<C extends Conversation>(
  c: C,
  exchange: Exchange,
  tls: TlsSettings | undefined,
  door: Door<C>,
): Promise<Reply | 'close'> {
  const facts = await prologue(c);
  if (facts === 'close') return 'close';
  c.session = new SessionState(facts, undefined);
  const refusal = door.admit(c, facts.remote.address);
  if (tls) {
    if (refusal) throw new Gone(); // a handshake would be the work that a flood is after
    c.session = new SessionState(facts, await exchange.secure(tls, 'keep'));
  }
  return refusal ? replies.closing(refusal) : greet(c, c.session);
}

/** Tells who hooks `close` that a client is gone, and why. */
export function farewell(c: Conversation, cause: CloseCause): void {
  for (const { owner, it } of c.house.registry.collected.close) {
    tell(c, owner, 'close', () => it(new View(new Scope(c, 'close', { cause }), owner)));
  }
}
