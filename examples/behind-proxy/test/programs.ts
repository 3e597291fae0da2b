import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import type { Readable } from 'node:stream';

/** A program that runs until it's disposed. */
export interface Program extends AsyncDisposable {
  /** The next line it writes; rejects when it ended. */
  line(): Promise<string>;
  /** All it has said on stderr. */
  readonly complaints: string;
}

const environment = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };

/** Whether a program is there to be asked, and does not object. */
export function installed(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', env: environment }).status === 0;
}

/** nginx with a file, in the foreground, its own files in a folder. */
export function nginxArgs(file: string, folder: string): string[] {
  const settings = `daemon off; master_process off; error_log stderr; pid ${folder}/nginx.pid;`;
  return ['-e', 'stderr', '-c', file, '-g', settings];
}

/** Whether nginx is there with its stream module. */
export function nginxStreams(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'behind-proxy-'));
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, 'include /etc/nginx/modules-enabled/*.conf; events {} stream {}');
  const able = installed('nginx', '-t', ...nginxArgs(file, folder));
  rmSync(folder, { recursive: true });
  return able;
}

/** Starts a program; it is ended by its id. */
export function start(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(program, args, {
    cwd: new URL('..', import.meta.url),
    env: { ...environment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const over = once(child, 'close');
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  return {
    get complaints() {
      return complaints;
    },
    async line() {
      const next = await lines.next();
      if (next.done === true) throw new Error(`${program} ended: ${complaints}`);
      return next.value;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await over;
    },
  };
}

/** Ports of 127.0.0.1 that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen({ host: '127.0.0.1', port: 0 }));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Resolves when somebody listens on all of these. */
export async function listening(ports: readonly number[], program: Program): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if ((await Promise.all(ports.map(answers))).every(Boolean)) return;
    await wait(20);
  }
  throw new Error(`nobody listens: ${program.complaints}`);
}

async function answers(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  const answered = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return answered;
}
