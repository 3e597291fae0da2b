import type { ServerOptions } from '@maitred/core';
import { script, type Client } from '@maitred/testing';
import { everybody, receiver, type Receiver } from './receiver.ts';
import { sink, type Acts } from './sinks.ts';

/** A server with these sinks, all of whose recipients are taken. */
export function mailbox(
  noted: string[],
  sinks: Readonly<Record<string, Acts>>,
  options?: Partial<ServerOptions>,
): Receiver {
  const plugins = Object.entries(sinks).map(([name, acts]) => sink(name, noted, acts));
  return receiver([everybody, plugins], options);
}

/** Sends a message to them; the reply is still to be read. */
export async function deliver(client: Client, ...to: readonly string[]): Promise<void> {
  await client.hello();
  const rcpt = to.map((one) => `C: RCPT TO:<${one}@server.example>\nS: 250`).join('\n');
  await script(client, `C: MAIL FROM:<a@client.example>\nS: 250\n${rcpt}\nC: DATA\nS: 354\nC: Subject: x\nC: .`);
}

/** Who failed where, as `plugin stage`. */
export const failures = ({ log }: Receiver): string[] =>
  log.records
    .filter(({ level }) => level === 'error')
    .map(({ fields }) => [fields['plugin'], fields['stage']].join(' '));
