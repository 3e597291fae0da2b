import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };

/** Whether a program is there to be asked, and does not object. */
export function installed(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', env }).status === 0;
}

/** Runs a program to its end; gives what it said. Rejects, with that, when it fails. */
export async function run(program: string, args: readonly string[], input: string | Uint8Array = ''): Promise<string> {
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stdin.on('error', () => {}); // one that ends early is heard by its code
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${said}`);
  return said;
}
