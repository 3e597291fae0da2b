import type { CloseCause } from './context.ts';
import type { Connection } from './connection.ts';
import type { Powers } from './plugin.ts';
import { asItIs, Scope, type Owner } from './scope.ts';
import type { Awaitable } from './awaitable.ts';
import { SessionState } from './state.ts';

/** What a handler wants done once its 2xx was written. */
export type Effect = (powers: Powers) => Awaitable<void>;

/**
 * Does it, under a deadline, which stands still during a handshake and while somebody has the socket. Gives why
 * the connection ends, if it does: after a failure the client was told what is not true.
 */
export async function perform(c: Connection, effect: Effect, owner: Owner): Promise<CloseCause | undefined> {
  const { exchange } = c;
  exchange.flush();
  await exchange.relieved();
  let ends: CloseCause | undefined;
  const scope = new Scope(c, 'after');
  scope.owner = owner;
  const begun: Promise<void>[] = [];
  const begin = (work: () => Promise<void>): Promise<void> => {
    const done = c.watch.waiting(work);
    begun.push(done);
    // The effect may be at something else, or have thrown: what nobody hears would end the process.
    done.catch(() => {});
    return done;
  };
  const powers: Powers = {
    upgrade: (tls) =>
      begin(async () => {
        c.session.drop('TLS began');
        c.session = new SessionState(c.session, await exchange.secure(tls, 'discard'));
      }),
    takeOver: (run) =>
      begin(async () => {
        ends = 'taken-over';
        c.session.drop('the connection was taken over');
        await exchange.lend((stream) => run(stream, scope.signal));
      }),
  };
  const work = async (): Promise<void> => {
    await effect(powers);
    await Promise.all(begun);
  };
  await scope.run(work, asItIs, (_, error) => void (ends ??= c.causeOf(error)));
  return ends;
}
