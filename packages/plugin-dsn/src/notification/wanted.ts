import type { Notify } from '../keys.ts';
import type { Action } from './report.ts';

/**
 * Whether a sender wants to hear of that (RFC 3461 4.1, 5.2.3, 5.2.5, 5.2.6). Who didn't say hears of failures and of
 * delays.
 */
export function isWanted(notify: Notify | undefined, action: Action): boolean {
  const asked = events[action];
  if (notify === undefined) return asked !== 'SUCCESS';
  return (notify as readonly string[]).includes(asked);
}

const events: Readonly<Record<Action, 'FAILURE' | 'DELAY' | 'SUCCESS'>> = {
  failed: 'FAILURE',
  delayed: 'DELAY',
  delivered: 'SUCCESS',
  relayed: 'SUCCESS',
  expanded: 'SUCCESS',
};
