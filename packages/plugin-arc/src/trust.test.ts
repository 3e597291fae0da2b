import type { ArcSet } from '@maitred/authentication-results';
import { describe, expect, it } from 'vitest';
import { trustedSets, trusts } from './trust.ts';

const chain = (...domains: string[]): ArcSet[] =>
  domains.map((domain, at) => ({ instance: at + 1, domain, selector: 's', authservId: domain, results: [] }));

const instances = (sets: readonly ArcSet[]): number[] => sets.map(({ instance }) => instance);

describe('trusted sealers', () => {
  const isTrusted = trusts(['Lists.Example.ORG', 'bücher.example']);

  it.each([
    [[], []],
    [['lists.example.org'], [1]],
    [
      ['xn--bcher-kva.example', 'lists.example.org'],
      [1, 2],
    ],
    [['stranger.example', 'lists.example.org'], [2]],
    [['lists.example.org', 'stranger.example', 'lists.example.org'], [3]],
    [['lists.example.org', 'stranger.example'], []],
    [['sub.lists.example.org'], []],
    [['example.org'], []],
    [[''], []],
  ])('of %j are those from the newest back: %j', (domains, expected) => {
    expect(instances(trustedSets(chain(...domains), isTrusted))).toEqual(expected);
  });

  it('are none by default, and may be told by a function', () => {
    expect(trustedSets(chain('a.example'), trusts())).toEqual([]);
    const every = trusts(({ selector }) => selector === 's');
    expect(instances(trustedSets(chain('a.example', 'b.example'), every))).toEqual([1, 2]);
  });

  it.each(['', 'a b', '*.example', 'a/b', 'lists.example.org/x', '[192.0.2.1]'])('are domains, not %j', (name) => {
    expect(() => trusts([name])).toThrow(`trusted: ${JSON.stringify(name)} is no domain`);
  });
});
