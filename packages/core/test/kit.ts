import { fakeClock, memoryLog } from '@maitred/testing';
import type { FakeClock, MemoryLog, Way } from '@maitred/testing';
import { expect, onTestFinished } from 'vitest';
import { basics, Clock, createServer, definePlugin, Log, without } from '../src/index.ts';
import type { Plugin, Reply, Server, ServerOptions } from '../src/index.ts';

/** A message as the sink of {@link mailbox} kept it. */
export interface Kept {
  readonly id: string;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly content: string;
}

/** A server under test and what can be seen of it. */
export interface Mailbox {
  readonly server: Server;
  readonly kept: Kept[];
  readonly log: MemoryLog;
  /** Stands still until told. */
  readonly clock: FakeClock;
}

/** A server on a clock that stands still, that shows its enhanced codes and is closed with the test; whose mail it takes is left open. */
export function bare(options: Partial<ServerOptions> = {}): Omit<Mailbox, 'kept'> {
  const log = memoryLog();
  const clock = fakeClock();
  const server = createServer({ hostname: 'mx.example', base: without(basics(), 'received'), ...options })
    .use(enhancedCodes)
    .override(Log, log)
    .override(Clock, clock);
  onTestFinished(() => server.close({ deadline: 0 }));
  return { server, log, clock };
}

/** The same, taking any mail and keeping it as it came: without a `Received:` field. */
export function mailbox(options: Partial<ServerOptions> = {}): Mailbox {
  const made = bare(options);
  const kept: Kept[] = [];
  made.server
    .accept(() => true)
    .deliver(async ({ id, sender, recipients, content }) => {
      kept.push({
        id,
        sender: sender.mailbox,
        recipients: recipients.map(({ path }) => path.mailbox),
        content: (await content.bytes(64 * 1024 * 1024)).toString('latin1'),
      });
    });
  return { ...made, kept };
}

/** What ENHANCEDSTATUSCODES would do, to see the codes from outside. */
const enhancedCodes: Plugin = definePlugin({
  name: 'enhanced codes',
  format: (reply: Reply) =>
    reply.enhanced === undefined ? reply : { ...reply, lines: reply.lines.map((line) => `${reply.enhanced} ${line}`) },
});

/** Content as it is kept when it was sent line by line. */
export const lines = (...of: readonly string[]): string => of.map((line) => `${line}\r\n`).join('');

/** After the test: whatever one client did, the next is served, and nothing went wrong that an operator should read of. */
export function servesTheNext({ server, log }: Mailbox, { open }: Way): void {
  onTestFinished(async () => {
    const next = await open(server);
    await next.hello();
    expect(await next.mail()).toMatchObject({ code: 250 });
    expect(log.records).toEqual([]);
  });
}

/** A clock that knows who sleeps and who ticks. */
export function watchedClock(): FakeClock & { readonly asleep: number; readonly ticking: number } {
  const clock = fakeClock();
  let asleep = 0;
  let ticking = 0;
  return {
    now: () => clock.now(),
    elapsed: () => clock.elapsed(),
    async sleep(ms, signal) {
      asleep += 1;
      try {
        await clock.sleep(ms, signal);
      } finally {
        asleep -= 1;
      }
    },
    every(ms, tick) {
      ticking += 1;
      const timer = clock.every(ms, tick);
      return {
        [Symbol.dispose]() {
          ticking -= 1;
          timer[Symbol.dispose]();
        },
      };
    },
    advance: (ms) => clock.advance(ms),
    set: (now) => clock.set(now),
    get asleep() {
      return asleep;
    },
    get ticking() {
      return ticking;
    },
  };
}
