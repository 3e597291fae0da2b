import { describe, expect, it } from 'vitest';
import { Clock, createServer, key, parameter, replies, service, systemClock } from '../src/index.ts';
import type { Key, Plugin, Server } from '../src/index.ts';

const Score: Key<number, 'transaction'> = key('score', 'transaction');
const score = parameter({ key: Score, parse: () => 1 });

const using = (...plugins: readonly Plugin[]): (() => unknown) => {
  const server = createServer({ hostname: 'mx.example' }).use(...plugins);
  return () => server.describe();
};
const pass: NonNullable<NonNullable<Plugin['stages']>['mail']> = (_, next) => next();
const named = (name: string, parts: Omit<Plugin, 'name'> = {}): Plugin => ({ name, ...parts });
const verb = (parts: object = {}): NonNullable<Plugin['verbs']> => ({
  XFOO: { handle: async () => replies.ok, ...parts },
});

describe('a server starts with', () => {
  const fine: readonly [string, () => unknown][] = [
    ['an optional key that nobody provides', using(named('dmarc', { optional: [Score], stages: { mail: pass } }))],
    ['a producer of its own', using(named('spf', { provides: [Score], requires: [Score], stages: { mail: pass } }))],
    [
      'a producer that comes after, but in another stage',
      using(
        named('dmarc', { requires: [Score], stages: { message: pass } }),
        named('spf', { provides: [Score], stages: { mail: pass } }),
      ),
    ],
    [
      'a producer used after, but placed outside',
      using(
        named('dmarc', { requires: [Score], stages: { mail: pass } }),
        named('spf', { provides: [Score], stages: { mail: { order: 'pre', handle: pass } } }),
      ),
    ],
    ['a service of core', using(named('foo', { requires: [Clock] }))],
    [
      'a verb that replaces one',
      using(named('foo', { verbs: verb() }), named('bar', { verbs: verb({ replaces: true }) })),
    ],
    [
      'a service that overrides one',
      using(named('foo', { services: [service({ token: Clock, override: true, create: () => systemClock })] })),
    ],
    [
      'parameters of different values',
      () => {
        const values = ['X=A', 'X=B'].map((name) =>
          named(name, { provides: [Score], parameters: { MAIL: { [name]: score } } }),
        );
        return using(...values)();
      },
    ],
    [
      'lists in lists, and what is false or undefined',
      () => {
        const server: Server = createServer({ hostname: 'mx.example' });
        return server.use([named('a'), [named('b'), false]], undefined, false, [[]]).describe();
      },
    ],
  ];
  it.each(fine)('%s', (_, start) => {
    expect(start).not.toThrow();
  });
});
