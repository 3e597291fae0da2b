import { ArcResult, dns, Dns, DkimResults, DmarcResult, SpfResult } from '@maitred/authentication-results';
import type { Arc, Dkim, Dmarc, Spf } from '@maitred/authentication-results';
import { Clock, createServer, definePlugin, Log, type AnyPlugin, type Plugin, type Server } from '@maitred/core';
import {
  fakeClock,
  fakeDns,
  memoryLog,
  type FakeClock,
  type FakeDns,
  type MemoryLog,
  type Zone,
} from '@maitred/testing';
import { dmarc, type DmarcOptions } from '../src/dmarc.ts';
import type { Evaluated } from '../src/aggregate/evaluated.ts';

/** What the others found, of every message; null: nobody looked. */
export interface Found {
  readonly spf?: Spf | null;
  readonly dkim?: readonly Dkim[] | null;
  readonly arc?: Arc;
}

/** What the receiver is made with, beside the plugin's own options. */
export interface Settings extends DmarcOptions {
  readonly found?: Found;
  /** Whether the DNS service stands between, with its cache and its limits. */
  readonly cached?: boolean;
  /** Come before DMARC. */
  readonly plugins?: readonly AnyPlugin[];
}

/** A server that applies DMARC to what a test says was found, by a DNS of the test's own. */
export interface Receiver extends AsyncDisposable {
  readonly server: Server;
  readonly dns: FakeDns;
  readonly clock: FakeClock;
  readonly log: MemoryLog;
  /** What DMARC found of the messages that were kept. */
  readonly kept: (Dmarc | undefined)[];
  /** What it counted. */
  readonly counted: Evaluated[];
}

/** Makes one; `zone` is the DNS. */
export function receiver(
  { found = {}, cached = false, plugins = [], ...options }: Settings,
  zone: Zone = {},
): Receiver {
  const double = fakeDns(zone);
  const clock = fakeClock();
  const log = memoryLog();
  const kept: (Dmarc | undefined)[] = [];
  const counted: Evaluated[] = [];
  const server = createServer({ hostname: 'mx.example' })
    .override(Log, log)
    .override(Clock, clock)
    .use(cached ? dns({ resolve: double.resolve }) : [])
    .use(verified(found), ...plugins)
    .use(dmarc({ reports: { add: (message) => void counted.push(message) }, ...options }))
    .accept(() => true)
    .deliver((message) => void kept.push(message.get(DmarcResult)));
  if (!cached) server.override(Dns, double);
  return { server, dns: double, clock, log, kept, counted, [Symbol.asyncDispose]: () => server.close({ deadline: 0 }) };
}

function verified({ spf, dkim = [], arc }: Found): Plugin {
  return definePlugin({
    name: 'verified',
    provides: [SpfResult, DkimResults, ArcResult],
    stages: {
      mail: (ctx, next) => {
        if (spf !== null) {
          ctx.set(SpfResult, Promise.resolve(spf ?? { identity: 'mailfrom', result: 'none', domain: '', resinfo: [] }));
        }
        return next();
      },
      message: (ctx, next) => {
        if (dkim !== null) ctx.set(DkimResults, dkim);
        if (arc) ctx.set(ArcResult, arc);
        return next();
      },
    },
  });
}
