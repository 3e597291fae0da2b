import { Fault } from './errors.ts';
import type { Facts } from './context.ts';
import type { Connection } from './connection.ts';
import type { Wire } from './plugin.ts';
import { asItIs, Scope } from './scope.ts';
import { SessionState } from './state.ts';
import { View } from './view.ts';

/** Lets prologues read the first octets, in `use` order: the session is with whom they found, or the connection ends. */
export async function prologue(c: Connection): Promise<'close' | undefined> {
  for (const { owner, it } of c.house.registry.prologues) {
    const scope = new Scope(c, 'prologue');
    scope.owner = owner;
    const wire: Wire = {
      id: c.id,
      socket: c.socket,
      listener: c.listener,
      inject: c.house.inject,
      read: async (maximum, signal) =>
        (await c.chunk(maximum, signal ? AbortSignal.any([signal, scope.signal]) : scope.signal)) ?? Buffer.alloc(0),
      unread: (octets) => c.exchange.input.unread(octets),
    };
    const work = async (): Promise<Partial<Facts> | 'close'> => {
      const found = await it(wire, new View(scope, owner), scope.signal);
      if (!found) throw new Fault('NO_REPLY', [owner.name, 'prologue']);
      return found;
    };
    const found = await scope.run(work, asItIs<Partial<Facts> | 'close'>, (): 'close' => 'close');
    if (found === 'close') return 'close';
    c.session = new SessionState({ remote: c.session.remote, local: c.session.local, ...found }, undefined);
  }
  return undefined;
}
