import { definePlugin, replies } from '@maitred/core';
import type { Plugin } from '@maitred/core';
import { namedOptions } from './named-options.ts';

/** What {@link pipelining} is made with. */
export interface PipeliningOptions {
  /**
   * What becomes of a command that is out of turn: sent before the reply to one that must end a group, or before the
   * greeting.
   *
   * - `refuse`: 503 5.5.1; nothing of it is run. So are those that follow until the client waits.
   * - `close`: 554 5.5.0, and the connection ends.
   * - `allow`: it is run in its turn.
   *
   * Default: `refuse`.
   */
  readonly outOfTurn?: 'refuse' | 'close' | 'allow';
}

/**
 * PIPELINING (RFC 2920): offers it, and holds clients to what a group may be. Core answers a group in one write, with or
 * without this plugin, and by default (`talkingAhead: 'refuse'`) doesn't even run a command that must end a group (HELO,
 * EHLO, DATA, STARTTLS, AUTH) while input is pending behind it. What is left to this plugin is what came while that
 * command was at work, what came before the greeting, and, under `talkingAhead: 'allow'`, everything out of turn.
 *
 * A group in turn is never refused, even of a client that was not offered PIPELINING: QUIT comes right behind the final
 * dot from many that weren't.
 *
 * Throws TypeError for options that are no object, and for one that there isn't.
 */
export function pipelining(options: PipeliningOptions = {}): Plugin {
  const { outOfTurn = 'refuse' } = namedOptions('pipelining', options, ['outOfTurn']);
  const extensions = { PIPELINING: {} };
  if (outOfTurn === 'allow') return definePlugin({ name: 'pipelining', extensions });
  const refusal = outOfTurn === 'close' ? ended : refused;
  return definePlugin({
    name: 'pipelining',
    extensions,
    stages: {
      command: {
        // Outside all others: what must not be run must not be counted, slowed or looked up by anybody either.
        order: 'pre',
        when: (ctx) => ctx.command.ahead === 'out-of-turn',
        handle: async () => refusal,
      },
    },
  });
}

const refused = replies.of(503, '5.5.1', 'Out of turn: wait for the reply');
const ended = replies.closing(replies.of(554, '5.5.0', 'Out of turn: wait for the reply'));
