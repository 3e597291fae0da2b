import { PassThrough } from 'node:stream';
import type { Assembly } from './assemble.ts';
import { Connection } from './connection.ts';
import type { TlsInfo } from './context.ts';
import type { House } from './house.ts';
import { offered } from './greeting.ts';
import { Identity } from './key.ts';
import { nowhere } from './listeners.ts';
import { namesOf, type Owned, type ParameterTable } from './registry.ts';
import { Scope } from './scope.ts';
import { tokenName } from './services.ts';
import { SessionState } from './state.ts';

/** What a client is: in plaintext, over TLS, or over TLS and authenticated. */
type State = 'plain' | 'tls' | 'authenticated';

/** What a person reads to learn why a mail was refused; all of it plain data. */
export interface Description {
  readonly plugins: readonly string[];
  /** Verb → its plugin. */
  readonly verbs: Readonly<Record<string, string>>;
  /** EHLO's keywords with their arguments, in three states. */
  readonly keywords: Readonly<Record<State, readonly string[]>>;
  /** Parameter → its plugin. */
  readonly parameters: {
    readonly MAIL: Readonly<Record<string, string>>;
    readonly RCPT: Readonly<Record<string, string>>;
  };
  /** The parameters that MAIL and RCPT take in those states: what has no keyword, and what has one that is offered. */
  readonly accepted: Readonly<Record<State, Readonly<Record<'MAIL' | 'RCPT', readonly string[]>>>>;
  /** Stage → its plugins, outermost first: the prologues in front of all, and declared stages too. */
  readonly stages: Readonly<Record<string, readonly string[]>>;
  /** Who claims recipients, in the order they are asked. */
  readonly acceptors: readonly string[];
  /** Who keeps messages. */
  readonly sinks: readonly string[];
  /** Service → who registered it. */
  readonly services: Readonly<Record<string, string>>;
}

const owners = (table: ReadonlyMap<string, Owned<unknown>>): Record<string, string> =>
  Object.fromEntries([...table].map(([name, { owner }]) => [name, owner.name]));

const inEach = <T>(of: (state: State) => T): Record<State, T> => ({
  plain: of('plain'),
  tls: of('tls'),
  authenticated: of('authenticated'),
});

/** Describes a server that was put together, set up or not. */
export function describe({ house, services }: Assembly): Description {
  const { registry } = house;
  const { MAIL, RCPT } = registry.parameters;
  const keywords = inEach((state) => offeredTo(house, state));
  const declared = [...registry.declared].map(([{ name }, layers]) => [name, namesOf(layers)] as const);
  return {
    plugins: namesOf(registry.used),
    verbs: owners(registry.verbs),
    keywords,
    parameters: { MAIL: owners(MAIL), RCPT: owners(RCPT) },
    accepted: inEach((state) => ({ MAIL: taken(MAIL, keywords[state]), RCPT: taken(RCPT, keywords[state]) })),
    stages: Object.fromEntries([['prologue', namesOf(registry.prologues)], ...registry.order, ...declared]),
    acceptors: registry.acceptors.map(({ owner, it }) => `${owner.name}: ${it.who}`),
    sinks: namesOf(registry.collected.deliver),
    services: Object.fromEntries([...services.registered].map(([token, { owner }]) => [tokenName(token), owner])),
  };
}

const exampleTls: TlsInfo = {
  protocol: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  servername: undefined,
  authorized: false,
  peerCertificate: undefined,
  certificate: undefined,
  exportKeyingMaterial: (octets) => Buffer.alloc(octets),
};

/** What EHLO would offer a client in that state: asked of the same functions, on a connection that leads nowhere. */
function offeredTo(house: House, state: State): string[] {
  const facts = { remote: nowhere, local: nowhere };
  const client = new Connection(new PassThrough(), facts, { name: 'describe', tls: 'none' }, house);
  client.session = new SessionState(facts, state === 'plain' ? undefined : exampleTls);
  if (state === 'authenticated') client.session.values.set(Identity, { id: 'somebody', by: 'describe' });
  return offered(client, new Scope(client, 'helo'));
}

/** The parameters that need no keyword, or one of those that are offered. */
function taken(parameters: ParameterTable, offers: readonly string[]): string[] {
  const keywords = new Set(offers.map((line) => line.replace(/ .*/, '').toUpperCase()));
  const named = [...parameters].filter(
    ([, { it }]) => it.extension === undefined || keywords.has(it.extension.toUpperCase()),
  );
  return named.map(([name]) => name);
}
