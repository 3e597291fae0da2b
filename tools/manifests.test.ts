import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { json, publishable } from './manifests.ts';

interface Build {
  readonly extends?: string;
  readonly references?: readonly { readonly path: string }[];
}

const packages = publishable();
const buildOf = (folder: string): string => `${folder}/tsconfig.build.json`;

describe('the build', () => {
  it('has every publishable package', () => {
    const { references = [] } = json('tsconfig.build.json') as Build;
    expect(references.map(({ path }) => path)).toEqual(packages.map(({ folder }) => buildOf(folder)));
  });
});

describe.each(packages)('$manifest.name', ({ folder, manifest }) => {
  const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = manifest;

  it('is ESM with source, types and default', () => {
    expect(manifest.type).toBe('module');
    expect(Object.entries(manifest.exports?.['.'] ?? {})).toEqual([
      ['@maitred/source', './src/index.ts'],
      ['types', './dist/index.d.ts'],
      ['default', './dist/index.js'],
    ]);
    expect(manifest.exports?.['./package.json']).toBe('./package.json');
  });

  it('publishes its sources without the tests', () => {
    expect(manifest.files).toEqual(expect.arrayContaining(['dist', 'src', '!src/**/*.test.ts', '!src/**/*.test-d.ts']));
  });

  it('says for whom, under which licence, and where from', () => {
    expect(manifest.engines?.node).toBe('>=22.19');
    expect(manifest.license).toBe('MIT');
    expect(manifest.repository?.directory).toBe(folder);
    expect(manifest.publishConfig?.access).toBe('public');
  });

  it('is not the owner of core', () => {
    expect(dependencies).not.toHaveProperty('@maitred/core');
    if ('@maitred/core' in peerDependencies) expect(devDependencies['@maitred/core']).toBe('workspace:^');
  });

  it('builds after the packages it needs', () => {
    const { extends: base, references = [] } = json(buildOf(folder)) as Build;
    const needed = packages.filter(({ manifest: { name } }) => name in dependencies || name in peerDependencies);
    expect(base).toBe('../../tsconfig.package.json');
    expect(references.map(({ path }) => posix.join(folder, path)).toSorted()).toEqual(
      needed.map((other) => buildOf(other.folder)),
    );
  });
});
