import { describe, expect, it } from 'vitest';
import {
  Clock,
  CONTRACT,
  createServer,
  definePlugin,
  key,
  on,
  parameter,
  replies,
  service,
  stage,
  token,
} from '../src/index.ts';
import type { AnyPlugin, Key, Plugin, Session, Stage, Token } from '../src/index.ts';

const Score: Key<number, 'transaction'> = key('score', 'transaction');
const OtherScore: Key<number, 'transaction'> = key('score', 'transaction');
const Lists: Token<object> = token('lists');
const Check: Stage<Session> = stage('check', () => replies.ok);

const using = (...plugins: readonly AnyPlugin[]): (() => unknown) => {
  const server = createServer({ hostname: 'mx.example' }).use(...plugins);
  return () => server.describe();
};

const pass: NonNullable<NonNullable<Plugin['stages']>['mail']> = (_, next) => next();
const named = (name: string, parts: Omit<Plugin, 'name'> = {}): Plugin => ({ name, ...parts });

const verb = (parts: object = {}): NonNullable<Plugin['verbs']> => ({
  XFOO: { handle: async () => replies.ok, ...parts },
});
const score = parameter({ key: Score, parse: () => 1 });

/** What is put together wrongly, the fault's code, and its whole message. */
const faults: readonly [string, () => unknown, string, string][] = [
  ...(
    [
      ['a stage', { stages: { mail: 'no' } }, 'mail'],
      ['a placed hook', { stages: { rcpt: { order: 'pre' } } }, 'rcpt'],
      ['a hook of a declared stage', { provides: [Check], on: [{ stage: Check, hook: 5 }] }, 'check'],
      ['a verb', { verbs: { XFOO: {} } }, 'XFOO'],
      ['a verb that is one itself', { verbs: { XFOO: () => replies.ok } }, 'XFOO'],
    ] as const
  ).map(([what, parts, at]): [string, () => unknown, string, string] => [
    `no function in ${what}`,
    using(named('foo', parts as object)),
    'NO_FUNCTION',
    `foo has no function in ${at}: give it one`,
  ]),
  ...(['on', 'accept', 'deliver'] as const).map((call): [string, () => unknown, string, string] => [
    `${call} without a function`,
    () =>
      (createServer({ hostname: 'mx.example' }) as never as Record<string, (...of: unknown[]) => void>)[call]?.(
        ...(call === 'on' ? ['mail'] : []),
      ),
    'NO_FUNCTION',
    `the application has no function in ${call}: give it one`,
  ]),
  [
    'a hostname that is none',
    () => createServer({ hostname: 'mx example' }).describe(),
    'BAD_HOSTNAME',
    'the hostname is mx example, which is no domain name: give the one that clients know the server by, such as mx.example.org',
  ],
  [
    'no hostname',
    () => createServer({} as never).describe(),
    'BAD_HOSTNAME',
    'the hostname is undefined, which is no domain name: give the one that clients know the server by, such as mx.example.org',
  ],
  [
    'a verb behind what nobody offers, though a parameter has its name',
    using(
      named('burl', {
        provides: [Score],
        verbs: verb({ extension: 'XFOO' }),
        parameters: { MAIL: { XFOO: score } },
      }),
    ),
    'UNKNOWN_EXTENSION',
    'burl ties XFOO to XFOO, which no plugin offers: use one that does',
  ],
  [
    'two plugins of one name',
    using(named('spam'), named('spam')),
    'DUPLICATE_PLUGIN',
    'two plugins are named spam: use it once, or give the second another name',
  ],
  [
    'a plugin with a verb, used twice',
    using(named('foo', { verbs: verb() }), named('foo', { verbs: verb() })),
    'DUPLICATE_PLUGIN',
    'two plugins are named foo: use it once, or give the second another name',
  ],
  [
    'a plugin with a service, used twice',
    using(...[1, 2].map(() => named('foo', { services: [service({ token: Lists, create: () => ({}) })] }))),
    'DUPLICATE_PLUGIN',
    'two plugins are named foo: use it once, or give the second another name',
  ],
  [
    'a factory that was not called',
    using(() => named('spam')),
    'NOT_A_PLUGIN',
    "use() was given function: pass what the plugin's factory returns, or a class with a static plugin",
  ],
  [
    'something else',
    using({} as Plugin),
    'NOT_A_PLUGIN',
    "use() was given object: pass what the plugin's factory returns, or a class with a static plugin",
  ],
  [
    'a plugin of another contract',
    using(Object.assign(definePlugin(named('old')), { '~contract': CONTRACT + 1 })),
    'CONTRACT_VERSION',
    `old was made for contract ${CONTRACT + 1}, this core has ${CONTRACT}: install a matching version of either`,
  ],
  [
    'two copies of a key',
    using(named('spf', { provides: [Score] }), named('dmarc', { optional: [OtherScore] })),
    'TWO_COPIES',
    'two copies of the key score are in use, by spf and by dmarc: a package is installed twice, or key() called twice: share one',
  ],
  [
    'a key that nobody provides',
    using(named('dmarc', { requires: [Score] })),
    'MISSING_PRODUCER',
    'dmarc needs score, which nothing provides: use a plugin that provides it before dmarc, or server.override for a service',
  ],
  [
    'a service that nobody provides',
    using(named('dmarc', { requires: [Lists] })),
    'MISSING_PRODUCER',
    'dmarc needs lists, which nothing provides: use a plugin that provides it before dmarc, or server.override for a service',
  ],
  [
    'a stage that nobody provides',
    using(named('policy', { requires: [Check], on: [on(Check, pass)] })),
    'MISSING_PRODUCER',
    'policy needs check, which nothing provides: use a plugin that provides it before policy, or server.override for a service',
  ],
  [
    'a producer that comes after',
    using(
      named('dmarc', { requires: [Score], stages: { mail: pass } }),
      named('spf', { provides: [Score], stages: { mail: pass } }),
    ),
    'LATE_PRODUCER',
    'dmarc needs score in mail: use spf before dmarc',
  ],
  [
    'an optional producer that comes after',
    using(
      named('dmarc', { optional: [Score], stages: { mail: pass } }),
      named('spf', { provides: [Score], stages: { mail: pass } }),
    ),
    'LATE_PRODUCER',
    'dmarc needs score in mail: use spf before dmarc',
  ],
  [
    'a stage that is hooked but not named',
    using(named('check', { provides: [Check] }), named('policy', { on: [on(Check, pass)] })),
    'UNDECLARED',
    "policy uses the stage check without naming it: add it to the plugin's requires, optional or provides",
  ],
  [
    'a key of a parameter that is not named',
    using(named('size', { parameters: { MAIL: { SIZE: score } } })),
    'UNDECLARED',
    "size uses the key score without naming it: add it to the plugin's requires, optional or provides",
  ],
  [
    'a verb that somebody has',
    using(named('foo', { verbs: verb() }), named('bar', { verbs: verb() })),
    'VERB_TAKEN',
    'bar brings XFOO, which foo has: leave one out, or set replaces on the second',
  ],
  [
    'a keyword that somebody has',
    using(named('foo', { extensions: { XFOO: {} } }), named('bar', { extensions: { xfoo: {} } })),
    'KEYWORD_TAKEN',
    'bar brings the keyword XFOO, which foo has: leave one out',
  ],
  [
    'a parameter that somebody has',
    using(...['foo', 'bar'].map((name) => named(name, { provides: [Score], parameters: { MAIL: { SIZE: score } } }))),
    'PARAMETER_TAKEN',
    'bar brings the parameter SIZE, which foo has: leave one out',
  ],
  [
    'a verb behind a keyword that nobody offers',
    using(named('foo', { verbs: verb({ extension: 'XBAR' }) })),
    'UNKNOWN_EXTENSION',
    'foo ties XFOO to XBAR, which no plugin offers: use one that does',
  ],
  [
    'a parameter behind a keyword that nobody offers',
    using(named('foo', { provides: [Score], parameters: { MAIL: { X: { ...score, extension: 'XBAR' } } } })),
    'UNKNOWN_EXTENSION',
    'foo ties X to XBAR, which no plugin offers: use one that does',
  ],
  [
    'a verb with a space',
    using(named('foo', { verbs: { 'X FOO': { handle: async () => replies.ok } } })),
    'BAD_NAME',
    'foo brings X FOO, which is no name that RFC 5321 allows there: use letters, digits and hyphens',
  ],
  [
    'a keyword with an underscore',
    using(named('foo', { extensions: { X_FOO: {} } })),
    'BAD_NAME',
    'foo brings X_FOO, which is no name that RFC 5321 allows there: use letters, digits and hyphens',
  ],
  [
    'a hook of a stage that is none',
    using(named('foo', { stages: { mial: pass } as Plugin['stages'] & object })),
    'UNKNOWN_STAGE',
    'foo hooks mial, which is no stage: take one of command, connect, helo, mail, rcpt, data, message, body, deliver, close',
  ],
  [
    'a service that somebody has',
    using(named('foo', { services: [service({ token: Clock, create: () => null as never })] })),
    'SERVICE_TAKEN',
    'foo registers clock, which core did: set override on the second if that is meant',
  ],
  [
    'a service that needs one that nobody has',
    using(named('foo', { services: [service({ token: token('cache'), create: (get) => get(Lists) })] })),
    'SERVICE_MISSING',
    'lists has no service: use a plugin that registers it, or server.override',
  ],
  [
    'services that need each other',
    () => {
      const Users: Token<object> = token('users');
      const circle = [
        service({ token: Users, create: (get) => get(Lists) }),
        service({ token: Lists, create: (get) => get(Users) }),
      ];
      return using(named('foo', { services: circle }))();
    },
    'SERVICE_CYCLE',
    'services need each other in a circle: users → lists → users: let one ask for the other when it is used',
  ],
];

describe('a server does not start with', () => {
  it.each(faults)('%s', (_, start, code, message) => {
    expect(start).toThrow(expect.objectContaining({ name: 'Fault', code: `MAITRED_${code}`, message }));
  });
});
