import {
  Clock,
  createServer,
  definePlugin,
  Log,
  type Hook,
  type Message,
  type Middleware,
  type Path,
  type Peer,
  type Plugin,
  type Server,
} from '@maitred/core';
import { dns, Dns, SpfResult, type Spf } from '@maitred/authentication-results';
import {
  fakeClock,
  fakeDns,
  memoryLog,
  type FakeClock,
  type FakeDns,
  type Client,
  type MemoryLog,
  type Way,
  type Zone,
} from '@maitred/testing';
import { spf, type SpfOptions } from '../src/spf.ts';

/** A server that checks its clients by a DNS of the test's own, under a clock that stands still until told. */
export interface Receiver extends AsyncDisposable {
  readonly server: Server;
  readonly dns: FakeDns;
  readonly clock: FakeClock;
  readonly log: MemoryLog;
  /** What MAIL made: a promise for each, undefined where nothing is checked. */
  readonly results: (Promise<Spf> | undefined)[];
  /** Messages as they are stored. */
  readonly kept: string[];
  /** Resolves when a client first came to that stage. */
  readonly reached: Readonly<Record<'rcpt' | 'message', Promise<void>>>;
}

/** What the receiver is made with, beside the plugin's own options. */
export interface Settings extends SpfOptions {
  /** Whether the DNS service stands between, with its cache and its limits. */
  readonly cached?: boolean;
}

export function receiver(
  { cached = false, ...options }: Settings,
  zone: Zone = {},
  ...others: readonly Plugin[]
): Receiver {
  const double = fakeDns(zone);
  const clock = fakeClock();
  const log = memoryLog();
  const results: Receiver['results'] = [];
  const kept: string[] = [];
  const [rcpt, atRcpt] = entrance();
  const [message, atMessage] = entrance();
  const server = createServer({ hostname: 'mx.example.org' })
    .override(Log, log)
    .override(Clock, clock)
    .use(cached ? dns({ resolve: double.resolve }) : [])
    .use(...others, spf(options))
    .on('mail', (ctx, next) => {
      results.push(ctx.get(SpfResult));
      return next();
    })
    .on('rcpt', atRcpt)
    .on('message', atMessage)
    .accept(({ recipient }) => recipient.path.local !== 'nobody')
    .deliver(async (message: Message) => void kept.push((await message.content.bytes(1e6)).toString()));
  if (!cached) server.override(Dns, double);
  const close = (): Promise<void> => server.close({ deadline: 0 });
  return { server, dns: double, clock, log, results, kept, reached: { rcpt, message }, [Symbol.asyncDispose]: close };
}

/** A layer outside all others, and when it was first entered. */
function entrance(): [Promise<void>, Hook<unknown>] {
  let enter: (() => void) | undefined;
  const entered = new Promise<void>((resolve) => {
    enter = resolve;
  });
  const handle: Middleware<unknown> = (_ctx, next) => {
    enter?.();
    return next();
  };
  return [entered, { order: 'pre', handle }];
}

/** Verbs that greet with a name, and begin a transaction with a path, that HELO's and MAIL's grammar would refuse. */
export function unwritable(helo: string, path: Path): Plugin {
  return definePlugin({
    name: 'unwritable',
    verbs: {
      XHELO: { handle: (verb) => verb.advertise(helo, true) },
      XMAIL: { handle: (verb) => verb.begin(path, '') },
    },
  });
}

const client = { address: '192.0.2.1', port: 40_000 };
/** Domains of all kinds, for a client at 192.0.2.1. */
export const zone: Zone = {
  'good.example': { TXT: ['v=spf1 ip4:192.0.2.1 -all'] },
  'bad.example': { TXT: ['v=spf1 -all exp=why.bad.example'] },
  'why.bad.example': { TXT: ['%{i} is not ours, says "%{h}"'] },
  'soft.example': { TXT: ['v=spf1 ~all'] },
  'personal.example': { TXT: ['v=spf1 exists:%{l}.ok.personal.example -all'] },
  'ann.ok.personal.example': { A: ['127.0.0.1'] },
  'broken.example': { TXT: ['v=spf1 nonsense'] },
  'slow.example': 'timeout',
  'dead.example': 'never',
};

/** A client that has greeted. */
export async function greeted(
  open: Way['open'],
  { server }: Receiver,
  helo = 'good.example',
  remote: Peer = client,
): Promise<Client> {
  const opened = await open(server, { remote });
  await opened.hello(helo);
  return opened;
}
