import type { Facts } from './context.ts';
import type { Conversation } from './conversation.ts';
import type { Bag } from './key.ts';
import { Scope } from './scope.ts';
import { View } from './view.ts';

/** Lets prologues read the first octets, in `use` order; what they found out, or that the connection ends. */
export async function prologue(
  c: Conversation,
  arriving: (maximum: number, signal: AbortSignal) => Promise<Buffer>,
): Promise<Facts | 'close'> {
  const facts: { -readonly [F in keyof Facts]: Facts[F] } = {
    remote: c.session.remote,
    local: c.session.local,
  };
  for (const { owner, it } of c.house.registry.prologues) {
    const scope = new Scope(c, 'prologue');
    scope.owner = owner;
    const wire = {
      socket: c.socket,
      read: (maximum: number, signal?: AbortSignal) =>
        arriving(maximum, signal ? AbortSignal.any([signal, scope.signal]) : scope.signal),
      unread: (octets: Buffer) => c.unread(octets),
    };
    const keys = new View(scope, owner) as unknown as Bag<'connection'>;
    const found = await scope.run<Partial<Facts> | 'close'>(
      () =>
        it(wire, keys, scope.signal).catch((error: unknown) => {
          c.failure(error, owner, 'prologue');
          return 'close' as const;
        }),
      (late) => {
        c.tooLate(late);
        return 'close';
      },
    );
    if (found === 'close') return 'close';
    Object.assign(facts, found);
  }
  return facts;
}
