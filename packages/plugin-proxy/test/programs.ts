import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { environment as env } from '../../../tools/programs.ts';

/** Where the clients, the listed proxy and the proxy that isn't listed are; all of them on the loopback interface. */
export const clientAt = '127.9.8.7';
export const listedAt = '127.0.0.2';
export const unlistedAt = '127.0.0.3';

/** A proxy under way; it ends with its folder when it's disposed. */
export interface Proxy extends AsyncDisposable {
  /** The ports it listens on, as many as were asked for. */
  readonly ports: readonly number[];
}

/** How a proxy is started: its configuration, given its ports and its folder, and its command, given the file of that. */
export interface Program {
  readonly command: (file: string, folder: string) => readonly [string, ...string[]];
  readonly configuration: (ports: readonly number[], folder: string) => string;
  readonly ports: number;
}

/** Starts a proxy on free ports of 127.0.0.1; resolves when it listens on all of them. */
export async function started({ command, configuration, ports: count }: Program): Promise<Proxy> {
  const ports = await freePorts(count);
  const folder = mkdtempSync(join(tmpdir(), 'behind-proxy-'));
  const file = join(folder, 'configuration');
  writeFileSync(file, configuration(ports, folder));
  const [program, ...args] = command(file, folder);
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const over = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill();
    await over;
    rmSync(folder, { recursive: true });
  };
  for (let tries = 0; tries < 500; tries += 1) {
    if (child.exitCode !== null) break;
    if ((await Promise.all(ports.map(answers))).every(Boolean)) return { ports, [Symbol.asyncDispose]: stop };
    await wait(20);
  }
  await stop();
  throw new Error(`${program} does not listen: ${said}`);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen({ host: '127.0.0.1', port: 0 }));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
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
