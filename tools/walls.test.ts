import { describe, expect, it } from 'vitest';
import { read, repository } from './source.ts';
import * as walls from './walls.ts';

const core = 'packages/core/src';
const long = (lines: number): string => 'void 0;\n'.repeat(lines);

/** For every wall, files that break it: a wall that can't fall holds nothing up. */
const breaches: Record<keyof typeof walls, Record<string, string>> = {
  coreKnowsNoPackage: { [`${core}/a.ts`]: "import type { Size } from '@maitred/plugin-esmtp';" },
  coreNamesNoExtension: { [`${core}/a.ts`]: "// BDAT\nexport const verb = 'BDAT';" },
  wireKnowsNobody: { [`${core}/wire/a.ts`]: "import type { Key } from '../key.ts';" },
  oneFileKnowsTheContainer: { 'packages/plugin-a/src/a.ts': "import { injectable } from 'tsyringe';" },
  onlyServerBuilds: { [`${core}/connection.ts`]: "import { freeze } from './registry.ts';" },
  verbsAreThirdParties: {
    [`${core}/index.ts`]: "export { key } from './key.ts';",
    [`${core}/verbs/mail.ts`]: "import { hidden } from '../key.ts';",
  },
  pluginsShareOnlyNames: {
    'packages/plugin-spf/src/index.ts': "export { check } from './check.ts';",
    'packages/plugin-dmarc/src/a.ts': "import { check } from '@maitred/plugin-spf';",
  },
  indexesNameTheirExports: { [`${core}/index.ts`]: "export * from './key.ts';" },
  noCycles: { 'tools/a.ts': "import './b.ts';", 'tools/b.ts': "export { a } from './a.ts';" },
  filesAreShort: { 'tools/a.ts': long(281) },
  coreIsSmall: { [`${core}/a.ts`]: long(5100) },
};

const sources = repository();

describe.each(Object.keys(walls) as (keyof typeof walls)[])('%s', (name) => {
  it('stands', () => {
    expect(walls[name](sources)).toEqual([]);
  });

  it('would fall', () => {
    const made = Object.entries(breaches[name]).map(([path, text]) => read(path, text));
    expect(walls[name](made)).toHaveLength(1);
  });
});

describe('read', () => {
  it('tells what is erased from what is loaded', () => {
    const { imports } = read(
      'packages/a/src/b/c.ts',
      "import { type A, type B } from '../a.ts';\nimport { type C, d } from './d.ts';\nimport 'e';\nvoid import('f');",
    );
    expect(imports).toEqual([
      { module: '../a.ts', file: 'packages/a/src/a.ts', names: ['A', 'B'], typeOnly: true },
      { module: './d.ts', file: 'packages/a/src/b/d.ts', names: ['C', 'd'], typeOnly: false },
      { module: 'e', file: undefined, names: [], typeOnly: false },
      { module: 'f', file: undefined, names: [], typeOnly: false },
    ]);
  });

  it('counts lines that hold code', () => {
    const { lines, codeLines } = read('a.ts', '/** one\n * two */\n\nconst a = 1; // three\n// four\n');
    expect({ lines, codeLines }).toEqual({ lines: 5, codeLines: 1 });
  });
});
