import { Clock, createServer, Log, type Server, type ServerOptions } from '@maitred/core';
import { fakeClock, memoryLog, type FakeClock, type MemoryLog } from '@maitred/testing';

/** A server that keeps what it is sent, in memory, under a clock and a log of the test's. */
export interface Receiver extends AsyncDisposable {
  readonly server: Server;
  readonly kept: string[];
  readonly clock: FakeClock;
  readonly log: MemoryLog;
}

/** Makes one; `use` its plugins before a client comes. */
export function receiver(options: Partial<ServerOptions> = {}): Receiver {
  const kept: string[] = [];
  const clock = fakeClock();
  const log = memoryLog();
  const server = createServer({ hostname: 'mx.example.org', ...options })
    .override(Clock, clock)
    .override(Log, log)
    .accept(() => true)
    .deliver(async ({ content }) => {
      kept.push((await content.bytes(1e6)).toString());
    });
  return { server, kept, clock, log, [Symbol.asyncDispose]: () => server.close({ deadline: 0 }) };
}
