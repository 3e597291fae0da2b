import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Where programs are looked for: servers, too, which `PATH` may leave out. */
export const environment: NodeJS.ProcessEnv = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };

/** Whether a program is there to be asked, and does not object. */
export function installed(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', env: environment }).status === 0;
}

/** The same for a program that CI must have: there it counts as installed, so that one that is missing is a failure. */
export function expected(program: string, ...args: readonly string[]): boolean {
  return process.env['CI'] !== undefined || installed(program, ...args);
}

/** What a program is run with. */
export interface RunOptions {
  /** What it reads. Default: nothing. */
  readonly input?: string | Uint8Array;
  /** Variables of its environment, beside this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end; gives what it said. Rejects, with that, when it fails, and when it takes 20 seconds. */
export async function run(
  program: string,
  args: readonly string[],
  { input = '', env = {} }: RunOptions = {},
): Promise<string> {
  const child = spawn(program, args, { env: { ...environment, ...env }, timeout: 20_000 });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stdin.on('error', () => {}); // one that ends early is heard by its code
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${said}`);
  return said;
}
