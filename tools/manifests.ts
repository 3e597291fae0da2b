import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './source.ts';

/** A package.json of this workspace: the fields that are looked at here. */
export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly type?: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly files?: readonly string[];
  readonly engines?: { readonly node?: string };
  readonly license?: string;
  readonly repository?: { readonly directory?: string };
  readonly publishConfig?: { readonly access?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** A package that goes to the registry, and the folder it lives in, from the repository's root. */
export interface Publishable {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Reads a JSON file of this repository; whole-line comments are allowed, as in a tsconfig. */
export function json(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), 'utf8').replaceAll(/^\s*\/\/.*$/gm, ''));
}

/** Every package that is not private. */
export function publishable(): Publishable[] {
  return globSync('packages/*/package.json', { cwd: root })
    .toSorted()
    .map((path) => ({ folder: dirname(path).replaceAll('\\', '/'), manifest: json(path) as Manifest }))
    .filter(({ manifest }) => manifest.private !== true);
}
