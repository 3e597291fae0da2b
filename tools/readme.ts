import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publishable } from './manifests.ts';
import { root } from './source.ts';

/** A program in a README: what a `ts` block holds. */
export interface Program {
  /** The README's line that its first line is on. */
  readonly line: number;
  readonly text: string;
}

/** A package's README. */
export interface Readme {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  /** Its headings of the second level, as written. */
  readonly headings: readonly string[];
  readonly programs: readonly Program[];
}

/** The headings of every package's README, in this order. */
export const headings: readonly string[] = [
  'What it is',
  'Install',
  'Ten lines that run',
  'Options',
  'Contract card',
  'Limits',
];

/** Reads a README's text. */
export function read(path: string, text: string): Readme {
  const found: string[] = [];
  const programs: Program[] = [];
  let block: { readonly language: string; readonly line: number; readonly lines: string[] } | undefined;
  for (const [at, line] of text.split('\n').entries()) {
    if (!block) {
      if (line.startsWith('```')) block = { language: line.slice(3).trim(), line: at + 2, lines: [] };
      else if (line.startsWith('## ')) found.push(line.slice(3).trim());
    } else if (line.trim() === '```') {
      if (block.language === 'ts') programs.push({ line: block.line, text: `${block.lines.join('\n')}\n` });
      block = undefined;
    } else block.lines.push(line);
  }
  return { path, headings: found, programs };
}

/** The README of every publishable package that has one. */
export function readmes(): Readme[] {
  return publishable()
    .map(({ folder }) => `${folder}/README.md`)
    .filter((path) => existsSync(join(root, path)))
    .map((path) => read(path, readFileSync(join(root, path), 'utf8')));
}

/**
 * A folder outside the repository in which README's programs find what their readers have: our packages, the package's own
 * dependencies, Node's types. Each README's programs run in a folder of their own; what a program needs to find there (a
 * key, a list) is in the package's `test/readme`.
 */
export class Workshop implements Disposable {
  readonly #folder = mkdtempSync(join(realpathSync(tmpdir()), 'maitred-readme-'));
  readonly #complaints: Promise<string>;

  constructor(all: readonly Readme[]) {
    const modules = join(this.#folder, 'node_modules');
    for (const { folder, manifest } of publishable()) link(join(root, folder), join(modules, manifest.name));
    link(join(root, 'node_modules/@types/node'), join(modules, '@types/node'));
    for (const readme of all) this.#furnish(readme);
    const settings = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { typeRoots: [join(modules, '@types')] },
      include: ['*/*.ts'],
    };
    writeFileSync(join(this.#folder, 'tsconfig.json'), JSON.stringify(settings));
    this.#complaints = this.#compile();
  }

  /** What the compiler says of a program; nothing when it is content. Line numbers are the README's. */
  async complaints(readme: Readme, program: Program): Promise<string[]> {
    const file = `${name(readme)}/${fileOf(program)}`;
    const all = (await this.#complaints).replaceAll('\\', '/').split(/\n(?! )/);
    // What is said of no file ails them all.
    return all.filter((complaint) => complaint.startsWith(file) || complaint.startsWith('error '));
  }

  /** Runs a program until its last statement is through; rejects with its output when it throws or takes 20 seconds. */
  async run(readme: Readme, program: Program): Promise<void> {
    const cwd = join(this.#folder, name(readme));
    const runner = fileURLToPath(new URL('readme-run.ts', import.meta.url));
    const nodeArguments = ['--conditions=@maitred/source', '--no-warnings', runner, join(cwd, fileOf(program))];
    await promisify(execFile)(process.execPath, nodeArguments, { cwd, timeout: 20_000 });
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }

  #furnish(readme: Readme): void {
    const from = join(root, dirname(readme.path));
    const to = join(this.#folder, name(readme));
    const needs = join(from, 'node_modules');
    mkdirSync(to, { recursive: true });
    if (existsSync(join(from, 'test/readme'))) cpSync(join(from, 'test/readme'), to, { recursive: true });
    for (const entry of existsSync(needs) ? readdirSync(needs) : []) {
      if (entry !== '@maitred' && !entry.startsWith('.')) link(join(needs, entry), join(to, 'node_modules', entry));
    }
    writeFileSync(join(to, 'package.json'), '{ "type": "module" }');
    for (const program of readme.programs) {
      // As many empty lines as the README has before it: what is said of a line is said of the README's.
      writeFileSync(join(to, fileOf(program)), '\n'.repeat(program.line - 1) + program.text);
    }
  }

  async #compile(): Promise<string> {
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const run = promisify(execFile)(process.execPath, [compiler, '-p', this.#folder, '--pretty', 'false'], {
      cwd: this.#folder,
    });
    return run.then(
      () => '',
      (error: { stdout: string }) => error.stdout,
    );
  }
}

const name = ({ path }: Readme): string => basename(dirname(path));
const fileOf = ({ line }: Program): string => `line-${line}.ts`;

function link(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  symlinkSync(from, to, 'junction');
}
