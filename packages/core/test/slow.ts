import type { Client, Way } from '@maitred/testing';
import { expect } from 'vitest';
import { definePlugin } from '../src/index.ts';
import type { Deadlines, Server, Sink } from '../src/index.ts';
import { mailbox } from './kit.ts';
import type { Mailbox } from './kit.ts';

export const seconds = 1000;

/** What a plugin that never comes back waits for. */
export const never: Promise<never> = new Promise<never>(() => {});

/** A transaction up to its content. */
export const toData: readonly string[] = ['MAIL FROM:<a@client.example>', 'RCPT TO:<b@mx.example>', 'DATA'];

export interface Served extends Mailbox {
  readonly client: Client;
}

/** A client that said EHLO to a server that `set` made slow. */
export async function served(
  way: Way,
  set: (box: Mailbox) => unknown,
  deadlines?: Partial<Deadlines>,
): Promise<Served> {
  const box = mailbox(deadlines ? { deadlines } : {});
  set(box);
  const client = await way.open(box.server);
  await client.hello();
  return { ...box, client };
}

/** Lets time pass once all that the client sent is there: octet by octet that takes a turn for each. */
export async function pass({ client, clock }: Served, ms: number): Promise<void> {
  await new Promise((resolve) => void client.stream.write('', resolve));
  await clock.advance(ms);
}

/** A stage's half a minute passes, and some of the grace, in which it comes back: 451 all the same. */
export async function within(box: Served, grace: number, reply: Promise<unknown>): Promise<void> {
  await pass(box, 30 * seconds);
  await pass(box, grace);
  expect(await reply).toMatchObject({ code: 451, enhanced: '4.3.0' });
}

/** A plugin `slow`, whose `mail` stage waits. */
export const slowMail =
  (wait: (box: Mailbox) => Promise<unknown>) =>
  (box: Mailbox): Server =>
    box.server.use(
      definePlugin({
        name: 'slow',
        stages: {
          mail: async (_, next) => {
            await wait(box);
            return next();
          },
        },
      }),
    );

/** A second sink for every recipient. */
export const sink =
  (parts: (box: Mailbox) => Omit<Sink, 'recipients'>) =>
  (box: Mailbox): Server =>
    box.server.on('deliver', ({ recipients }) => ({ recipients, ...parts(box) }));
