import { globSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { defineConfig } from 'vitest/config';
import { Tally } from './tools/tally.ts';

/** Tests run on the packages' sources: no build comes first. */
const conditions = ['@maitred/source', 'module', 'node', 'development|production'];

/** Every folder with a manifest is a project, and `tools`, which holds the walls. */
const folders = globSync(['packages/*/package.json', 'examples/*/package.json', 'bench/package.json'])
  .map(dirname)
  .concat('tools')
  .toSorted();

export default defineConfig({
  test: {
    reporters: ['default', new Tally()],
    projects: folders.map((root) => ({
      extends: true,
      root,
      resolve: { conditions },
      ssr: { resolve: { conditions } },
      test: {
        name: basename(root),
        include: ['{src,test}/**/*.test.ts', '*.test.ts'],
        passWithNoTests: true,
        typecheck: {
          enabled: true,
          include: ['src/**/*.test-d.ts'],
          tsconfig: '../../tsconfig.json',
        },
      },
    })),
    coverage: { include: ['packages/*/src/**/*.ts'] },
    passWithNoTests: true,
  },
});
