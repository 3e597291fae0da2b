import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';

/** One `import`, `export … from` or `import()` with a literal, as written. */
export interface Import {
  /** The module as written: `./key.ts`, `@maitred/core`, `node:net`. */
  readonly module: string;
  /** The file it means, from the repository's root; undefined when the module is not relative. */
  readonly file: string | undefined;
  /** The names taken, as the other module calls them; `*` for all of them, `default` for the default. */
  readonly names: readonly string[];
  /** True when nothing of it is left at run time. */
  readonly typeOnly: boolean;
}

/** A TypeScript file of this repository and what the walls ask about it. */
export interface Source {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly imports: readonly Import[];
  /** Names this file exports from others: name -> the module as written. */
  readonly reexports: ReadonlyMap<string, string>;
  /** All lines, as an editor counts them. */
  readonly lines: number;
  /** The text without its comments. */
  readonly code: string;
  /** Lines that hold more than a comment or space. */
  readonly codeLines: number;
}

interface Entry {
  readonly importName: { readonly kind: string; readonly name?: string | null };
  readonly isType: boolean;
}

const nameOf = ({ importName: { kind, name } }: Entry): string =>
  kind === 'Name' ? (name ?? '') : kind === 'Default' ? 'default' : '*';

/** Reads one file's text; pure, so the walls can be tried on made-up files. */
export function read(path: string, text: string): Source {
  const { module, comments, errors } = parseSync(path, text);
  if (errors[0]) throw new SyntaxError(`${path}: ${errors[0].message}`);

  const imports: Import[] = [];
  const reexports = new Map<string, string>();
  const add = (from: string, entries: readonly Entry[]): void => {
    imports.push({
      module: from,
      file: from.startsWith('.') ? posix.join(posix.dirname(path), from) : undefined,
      names: entries.map(nameOf),
      typeOnly: entries.length > 0 && entries.every((entry) => entry.isType),
    });
  };
  for (const { moduleRequest, entries } of module.staticImports) add(moduleRequest.value, entries);
  for (const entry of module.staticExports.flatMap(({ entries }) => entries)) {
    if (!entry.moduleRequest) continue;
    add(entry.moduleRequest.value, [entry]);
    reexports.set(entry.exportName.name ?? '*', entry.moduleRequest.value);
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const [, literal] = /^['"](.*)['"]$/.exec(text.slice(moduleRequest.start, moduleRequest.end)) ?? [];
    if (literal) add(literal, []);
  }

  const code = comments.reduceRight(
    (rest, { start, end }) => rest.slice(0, start) + rest.slice(start, end).replace(/[^\n]/g, '') + rest.slice(end),
    text,
  );
  return {
    path,
    imports,
    reexports,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    code,
    codeLines: code.split('\n').filter((line) => line.trim() !== '').length,
  };
}

/** The repository's root. */
export const root: string = fileURLToPath(new URL('..', import.meta.url));

/** Every TypeScript file of this repository that is not a test. */
export function repository(): Source[] {
  return globSync(['{packages,examples}/*/src/**/*.ts', 'bench/src/**/*.ts', 'tools/*.ts', '*.ts'], {
    cwd: root,
  })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !/\.test(-d)?\.ts$/.test(path))
    .toSorted()
    .map((path) => read(path, readFileSync(posix.join(root, path), 'utf8')));
}
