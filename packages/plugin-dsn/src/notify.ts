import type { Notify } from './keys.ts';

const NEVER: Notify = Object.freeze(['NEVER'] as const);
const EVENT = /^(?:success|failure|delay)$/i;

/**
 * Reads NOTIFY's value, in any case (RFC 3461 4.1): NEVER, or any of SUCCESS, FAILURE and DELAY with commas between;
 * undefined for anything else, NEVER with others and a word that comes twice included.
 */
export function parseNotify(value: string | undefined): Notify | undefined {
  if (value === undefined) return undefined;
  if (/^never$/i.test(value)) return NEVER;
  const words = value.split(',', 4);
  if (!words.every((word) => EVENT.test(word))) return undefined;
  const events = words.map((word) => word.toUpperCase() as 'SUCCESS' | 'FAILURE' | 'DELAY');
  return new Set(events).size === events.length ? Object.freeze(events) : undefined;
}
