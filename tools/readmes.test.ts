import { afterAll, describe, expect, it } from 'vitest';
import { headings, read, readmes, Workshop } from './readme.ts';

const all = readmes();
const workshop = new Workshop(all);

afterAll(() => workshop[Symbol.dispose]());

describe.each(all)('$path', (readme) => {
  it('has the headings that every README has', () => {
    expect(readme.headings).toEqual(headings);
  });

  it('has a program', () => {
    expect(readme.programs).not.toEqual([]);
  });

  describe.each(readme.programs)('line $line', (program) => {
    it('compiles', { timeout: 60_000 }, async () => {
      expect(await workshop.complaints(readme, program)).toEqual([]);
    });

    it('runs', { timeout: 30_000 }, async () => {
      await workshop.run(readme, program);
    });
  });
});

describe('a README', () => {
  const text = '# a\n\n## What it is\n\n```ts\nconst a = 1;\n## b\n```\n\n```sh\nnpm\n```\n\n## Limits\n';
  const readme = read('packages/a/README.md', text);

  it('has its headings and programs read', () => {
    expect(readme.headings).toEqual(['What it is', 'Limits']);
    expect(readme.programs).toEqual([{ line: 6, text: 'const a = 1;\n## b\n' }]);
  });
});

describe('a program of a README', () => {
  const good = "import { createServer } from '@maitred/core';\n\nconst server = createServer({ hostname: 'a' });\n";
  const text = `\`\`\`ts\n${good}await server.listen({ port: 25 });\n\`\`\`\n\`\`\`ts\nconst a: number = '1';\nthrow new Error(String(a));\n\`\`\`\n`;
  const readme = read('packages/a/README.md', text);
  const [right, wrong] = readme.programs;
  const workshop = new Workshop([readme]);

  afterAll(() => workshop[Symbol.dispose]());

  it('may listen on any port, and need not end', { timeout: 60_000 }, async () => {
    expect(await workshop.complaints(readme, right!)).toEqual([]);
    await workshop.run(readme, right!);
  });

  it('is complained about where it does not compile, and where it throws', { timeout: 60_000 }, async () => {
    expect(await workshop.complaints(readme, wrong!)).toEqual([
      expect.stringMatching(/^a\/line-8\.ts\(8,7\): error TS2322: /),
    ]);
    await expect(workshop.run(readme, wrong!)).rejects.toThrow('line-8.ts:9');
  });
});
