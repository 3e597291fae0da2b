import type { Connection } from './connection.ts';
import type { Limits } from './limits.ts';
import { closes, replies } from './replies.ts';
import { asItIs, Scope } from './scope.ts';
import type { Reply } from './wire/reply.ts';

/** Ends what a client may waste: errors, and commands that change nothing. A message that is kept makes up for either. */
export class Budget {
  readonly #limits: Limits;
  #errors = 0;
  #idle = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** The reply that is written. `ended`: a message came to its end, which is a fresh start. */
  judge(reply: Reply, useful: boolean, ended: boolean): Reply {
    if (ended) this.#idle = 0;
    if (ended && reply.code < 400) this.#errors = 0;
    if (closes(reply) || isOvershoot(reply)) return reply;
    if (reply.code >= 400) this.#errors += 1;
    else if (!useful) this.#idle += 1;
    // What became of a message is told as it is: some copies may be kept, and would be sent again.
    if (!ended && this.#errors >= this.#limits.errors) return tooMany('errors');
    if (!ended && this.#idle > this.#limits.idleCommands) return tooMany('commands that do nothing');
    return reply;
  }

  /** Whether a reply is written a second late. */
  slows(reply: Reply): boolean {
    return reply.code >= 400 && this.#errors > this.#limits.errorsSlowed && !closes(reply) && !isOvershoot(reply);
  }
}

/** A group of RCPTs longer than a message may have: who sent it goes on with those that fitted (RFC 5321 4.5.3.1.10). */
const isOvershoot = ({ code, enhanced }: Reply): boolean => code === 452 && enhanced === '4.5.3';

const tooMany = (what: string): Reply => replies.closing(replies.of(421, '4.7.0', `Too many ${what}`));

/** A second without an answer, for a client that makes errors: guessing is to cost time. */
export async function slowed(c: Connection): Promise<void> {
  const scope = new Scope(c, 'command', { deadline: Number.POSITIVE_INFINITY });
  await scope.run(
    () => c.house.clock.sleep(1000, scope.signal),
    asItIs,
    () => {},
  );
}
