import { posix } from 'node:path';
import type { Import, Source } from './source.ts';

/** A rule over all files; it answers one sentence per breach, naming the file. */
export type Wall = (sources: readonly Source[]) => string[];

const core = 'packages/core/src/';
const pure = ['node:buffer', 'node:url'];
const shared = /\/(keys|tokens|stages)\.ts$/;

/** The names anybody may import from core. */
const publicNames = (sources: readonly Source[]): ReadonlySet<string> =>
  new Set(sources.find(({ path }) => path === `${core}index.ts`)?.reexports.keys());

const inside = (sources: readonly Source[], folder: string): Source[] =>
  sources.filter(({ path }) => path.startsWith(folder));

/** One breach per import in `folder` that `allowed` doesn't let pass. */
const every = (
  sources: readonly Source[],
  folder: string,
  allowed: (imported: Import, source: Source) => boolean,
): string[] =>
  inside(sources, folder).flatMap((source) =>
    source.imports
      .filter((imported) => !allowed(imported, source))
      .map(({ module, names }) => `${source.path} imports ${names.join(', ') || 'all'} from ${module}`),
  );

/** Core speaks no extension: none of our packages is below it. */
export const coreKnowsNoPackage: Wall = (sources) =>
  every(sources, core, ({ module }) => !/^(@maitred\/|maitred$)/.test(module));

/** And it knows none by name, but for the parameter that it drops because a very large sender adds it unasked. */
export const coreNamesNoExtension: Wall = (sources) =>
  inside(sources, core).flatMap(({ path, code }) =>
    (code.replace("MAIL: ['AUTH']", '').match(extensions) ?? []).map((word) => `${path} names ${word}`),
  );

const extensions =
  /\b(?:8BITMIME|AUTH|BDAT|BINARYMIME|BURL|CHUNKING|DSN|ENHANCEDSTATUSCODES|ENVID|ETRN|LHLO|LIMITS|MAILMAX|NOTIFY|ORCPT|PIPELINING|PROXY|RCPTMAX|REQUIRETLS|RET|SIZE|SMTPUTF8|STARTTLS|XCLIENT)\b/g;

/** The grammar is tested as functions: no I/O, and nothing of ours but grammar, not even a type. */
export const wireKnowsNobody: Wall = (sources) =>
  every(sources, `${core}wire/`, ({ module, file }) => file?.startsWith(`${core}wire/`) ?? pure.includes(module));

/** The container can be replaced because one file knows it. */
export const oneFileKnowsTheContainer: Wall = (sources) =>
  every(
    sources,
    'packages/',
    ({ module, typeOnly }, { path }) =>
      typeOnly || path === `${core}services.ts` || !['tsyringe', 'reflect-metadata'].includes(module),
  );

/** What a server is built from at start is known there; all others take of it what the index makes public. */
export const onlyServerBuilds: Wall = (sources) => {
  const known = publicNames(sources);
  return every(
    sources,
    core,
    ({ file = '', names, typeOnly }, { path }) =>
      typeOnly ||
      !(file in builders) ||
      path === `${core}index.ts` ||
      builders[file]?.includes(path) === true ||
      names.every((name) => known.has(name)),
  );
};

/** Who may load the parts that a server is built of, and the one that stands on sockets. */
const builders: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries({
    'registry.ts': ['assemble.ts', 'checks.ts', 'describe.ts'],
    'checks.ts': ['assemble.ts'],
    'services.ts': ['assemble.ts', 'checks.ts', 'describe.ts'],
    'transport.ts': ['exchange.ts', 'listeners.ts'],
  }).map(([part, allowed]) => [core + part, allowed.map((name) => core + name)]),
);

/** Core's own verbs are written against the contract that third parties use. */
export const verbsAreThirdParties: Wall = (sources) => {
  const known = publicNames(sources);
  const free = [`${core}verbs/`, `${core}wire/`];
  return every(sources, `${core}verbs/`, ({ file, module, names }) =>
    file === undefined
      ? module.startsWith('node:')
      : free.some((folder) => file.startsWith(folder)) || (names.length > 0 && names.every((name) => known.has(name))),
  );
};

/** Between plugins only what carries data or declares a place crosses: keys, tokens and stages, from files so named. */
export const pluginsShareOnlyNames: Wall = (sources) =>
  inside(sources, 'packages/plugin-').flatMap((source) =>
    source.imports
      .filter(({ module, typeOnly }) => module.startsWith('@maitred/plugin-') && !typeOnly)
      .flatMap(({ module, names }) => {
        const folder = module.replace('@maitred/', 'packages/');
        const index = sources.find(({ path }) => path === `${folder}/src/index.ts`);
        return names
          .filter((name) => !shared.test(index?.reexports.get(name) ?? ''))
          .map((name) => `${source.path} imports ${name} from ${module}: only keys, tokens and stages cross`);
      }),
  );

/** A package's surface is written down, name by name. */
export const indexesNameTheirExports: Wall = (sources) =>
  sources
    .filter(({ path, reexports }) => path.endsWith('/src/index.ts') && reexports.has('*'))
    .map(({ path }) => `${path} exports *`);

/** No file needs itself to load. Types may refer to each other. */
export const noCycles: Wall = (sources) => {
  const needs = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.flatMap(({ file, typeOnly }) => (file !== undefined && !typeOnly ? [file] : [])),
    ]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path].map((step) => posix.basename(step)).join(' -> '));
    if (start >= 0 || done.has(path)) return;
    for (const next of needs.get(path) ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of needs.keys()) walk(path, []);
  return found;
};

/** A file that doesn't fit on a few screens holds two concerns. */
export const filesAreShort: Wall = (sources) =>
  sources.filter(({ lines }) => lines > 280).map(({ path, lines }) => `${path} has ${lines} lines, more than 280`);

/** Core stays small enough to be read in a day; comments, blanks and tests are free. See docs/decisions/0003. */
export const coreIsSmall: Wall = (sources) => {
  const total = inside(sources, core).reduce((sum, { codeLines }) => sum + codeLines, 0);
  return total < mostLines ? [] : [`${core} has ${total} lines of code, ${mostLines} are too many`];
};

const mostLines = 4750;
