import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { channels } from '@maitred/core';
import { onTestFinished } from 'vitest';

/** Hears all that core tells anybody who listens, until the test is over, and gives it as text. */
export function witness(): () => string {
  const heard: unknown[] = [];
  const { reply, ...traces } = channels;
  const names = [
    String(reply.name),
    ...Object.keys(traces).flatMap((name) =>
      ['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map((event) => `tracing:maitred:${name}:${event}`),
    ),
  ];
  // At once: what was in a message is not to be gone when the test looks.
  const listen = (message: unknown, name: string | symbol): void => void heard.push(name, everything(message));
  for (const name of names) subscribe(name, listen);
  onTestFinished(() => {
    for (const name of names) unsubscribe(name, listen);
  });
  return () => everything(heard);
}

/** All that is in a value, however deep, hidden or not. */
export const everything = (value: unknown): string =>
  inspect(value, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null, breakLength: Infinity });
