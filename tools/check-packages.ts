/**
 * Looks at every publishable package as its users get it: packs it, then asks publint and
 * are-the-types-wrong. Build first. Exits with 1 when one has a fault.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publishable } from './manifests.ts';
import { root } from './source.ts';

/** Runs a tool; what it said matters only when it found something. */
function run(cwd: string, command: string, ...args: string[]): boolean {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return true;
  console.error(error ?? `${command} ${args.join(' ')}\n${stdout}${stderr}`);
  return false;
}

/** Packs into a folder of its own, where the one tarball is the package. */
function check(folder: string): boolean {
  const packed = mkdtempSync(join(tmpdir(), 'maitred-pack-'));
  try {
    if (!run(join(root, folder), 'pnpm', 'pack', '--pack-destination', packed)) return false;
    const [tarball] = readdirSync(packed);
    if (tarball === undefined) return false;
    const published = join(packed, tarball);
    const lint = run(root, 'publint', 'run', published, '--strict');
    return run(root, 'attw', published, '--profile', 'esm-only') && lint;
  } finally {
    rmSync(packed, { recursive: true });
  }
}

for (const { folder, manifest } of publishable()) {
  const fit = check(folder);
  console.log(`${fit ? 'fit to publish' : 'NOT fit to publish'}: ${manifest.name}`);
  if (!fit) process.exitCode = 1;
}
