import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ArcData } from '@maitred/authentication-results/mailauth';

/** So many seals take no longer than a message's other checks. */
const few = 4;

/**
 * A chain whose seals are validated in turns of the event loop, where they are many: each covers all the sets before it,
 * so that fifty take tens of milliseconds, and mailauth doesn't pause by itself. It waits for each seal's key.
 */
export function inTurns(data: ArcData): ArcData {
  const { keyCache, chain } = data;
  if (!keyCache || chain === false || chain.length <= few) return data;
  return {
    ...data,
    keyCache: {
      resolver: keyCache.resolver,
      get(...asked) {
        const key = (async () => {
          await nextTurn();
          return keyCache.get(...asked);
        })();
        // All are asked for at once, and one that fails ends the others' waiting.
        key.catch(() => {});
        return key;
      },
    },
  };
}
