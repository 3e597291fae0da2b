import { describe, expect, it } from 'vitest';
import { parseDomain } from './domain.ts';

describe('a domain', () => {
  it.each([
    ['Lists.Example.ORG', 'lists.example.org'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example', 'xn--bcher-kva.example'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ])('%s is %s', (name, expected) => {
    expect(parseDomain(name)).toBe(expected);
  });

  it.each([
    '',
    '.',
    'a..b',
    'lists.example.org/.evil.example',
    'lists.example.org?x.evil.example',
    'lists%2eexample.org',
    'lists.ｅxample.org',
    'lists.example。org',
    'ü/lists.example.org',
    'a b',
    'a\0b',
    '192.0.2.1:25',
  ])('%j is none', (name) => {
    expect(parseDomain(name)).toBeUndefined();
  });
});
