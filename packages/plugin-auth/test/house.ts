import {
  Clock,
  createServer,
  definePlugin,
  Identity,
  Log,
  replies,
  type Plugin,
  type Reply,
  type Server,
} from '@maitred/core';
import { fakeClock, memoryLog, selfSigned, type FakeClock, type MemoryLog } from '@maitred/testing';
import { onTestFinished } from 'vitest';
import { auth, memoryDirectory, type AuthOptions, type UserDirectory } from '../src/index.ts';

/** A key and a certificate for the server. */
export const certificate = selfSigned('mx.example.org');

/** Little work: these tests are not about how much it is. */
export const cheap = { ln: 4, r: 8, p: 1 };

/** Two users; Ann may act as the sales department. */
export const users: UserDirectory = await memoryDirectory(
  [
    { name: 'ann', password: 'secret', actsAs: ['sales'] },
    { name: 'bob@example.org', password: 'pencil' },
  ],
  { cost: cheap, scramIterations: 4096, keepPasswords: true },
);

/** A server with AUTH, that keeps what it is sent, shows its enhanced codes, and answers WHO. */
export interface House {
  readonly server: Server;
  readonly kept: string[];
  readonly clock: FakeClock;
  readonly log: MemoryLog;
  /** How late replies were, in milliseconds: the clock doesn't let anybody wait for that. */
  readonly delays: number[];
}

/** Makes one that is closed with the test; AUTH is offered without TLS too, if nothing else is said. */
export function house(options: AuthOptions = {}, ...more: Plugin[]): House {
  const kept: string[] = [];
  const delays: number[] = [];
  const clock = fakeClock();
  const log = memoryLog();
  const unhurried: FakeClock = {
    ...clock,
    sleep: async (ms, signal) => void (signal && ms < 29_000 ? delays.push(ms) : await clock.sleep(ms, signal)),
  };
  const server = createServer({
    hostname: 'mx.example.org',
    limits: { errors: 1e6, errorsSlowed: 1e6, idleCommands: 1e6 },
  })
    .override(Clock, unhurried)
    .override(Log, log)
    .use(auth({ directory: users, withoutTls: true, ...options }), ...more, enhancedCodes, who)
    .accept(() => true)
    .deliver(async ({ content }) => {
      kept.push((await content.bytes(1e6)).toString());
    });
  onTestFinished(() => server.close({ deadline: 0 }));
  return { server, kept, clock, log, delays };
}

/** What ENHANCEDSTATUSCODES would do, to see the codes from outside. */
const enhancedCodes = definePlugin({
  name: 'enhanced codes',
  format: (reply: Reply) =>
    reply.enhanced === undefined ? reply : { ...reply, lines: reply.lines.map((line) => `${reply.enhanced} ${line}`) },
});

/** Tells who the client is. */
const who = definePlugin({
  name: 'who',
  requires: [Identity],
  verbs: {
    WHO: {
      handle: async (verb) => {
        const identity = verb.get(Identity);
        return replies.of(250, undefined, identity ? `${identity.id} by ${identity.by}` : 'nobody');
      },
    },
  },
});

export const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');

/** PLAIN's message. */
export const plainly = (user: string, password: string, actAs = ''): string => base64(`${actAs}\0${user}\0${password}`);
