import { selfSigned } from '@maitred/testing';
import { createTransport } from 'nodemailer';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installed } from '../../../tools/programs.ts';
import { clientAt, listedAt, started, unlistedAt, type Proxy } from './programs.ts';
import { receiver } from './receiver.ts';

const tls = selfSigned('mx.example.org');

/** nginx with these ways, one port each: where it connects from, and to. */
const configuration = (
  ways: readonly (readonly [source: string, port: number])[],
  ports: readonly number[],
): string => `
include /etc/nginx/modules-enabled/*stream*.conf;
daemon off;
master_process off;
error_log stderr;
events {}
stream {
  proxy_protocol on;
${ways
  .map(
    ([source, port], at) =>
      `  server { listen 127.0.0.1:${ports[at]}; proxy_bind ${source}; proxy_pass 127.0.0.1:${port}; }`,
  )
  .join('\n')}
}
`;

const command = (file: string, folder: string): [string, ...string[]] => {
  return ['nginx', '-e', 'stderr', '-c', file, '-g', `pid ${folder}/pid;`];
};

/** Whether nginx is there, with its stream module. */
function able(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'behind-proxy-'));
  const file = join(folder, 'configuration');
  writeFileSync(file, configuration([], []));
  const [program, ...args] = command(file, folder);
  const here = installed(program, '-t', ...args);
  rmSync(folder, { recursive: true });
  return here;
}

function nginx(...ways: readonly (readonly [source: string, port: number])[]): Promise<Proxy> {
  return started({ ports: ways.length, command, configuration: (ports) => configuration(ways, ports) });
}

function send(port: number, secure: boolean): Promise<unknown> {
  return createTransport({
    host: '127.0.0.1',
    port,
    secure,
    localAddress: clientAt,
    tls: { rejectUnauthorized: false },
  }).sendMail({ from: 'ann@example.com', to: 'bob@example.org', text: 'Hello' });
}

describe.skipIf(!able())('behind nginx (skipped where it or its stream module is not installed)', () => {
  it('shows the client, plain and implicit TLS', { timeout: 30_000 }, async () => {
    await using it = receiver({ from: [listedAt] });
    const [plain, secure] = await it.server.listen({ host: '127.0.0.1' }, { host: '127.0.0.1', tls });
    await using proxy = await nginx([listedAt, plain!.port], [listedAt, secure!.port]);
    await send(proxy.ports[0]!, false);
    await send(proxy.ports[1]!, true);
    const seen = { remote: { address: clientAt }, socket: { address: listedAt }, header: { version: 1 } };
    expect(it.kept).toMatchObject([
      { ...seen, local: { address: '127.0.0.1', port: proxy.ports[0] }, secured: false },
      { ...seen, local: { address: '127.0.0.1', port: proxy.ports[1] }, secured: true },
    ]);
  });

  it('does not show it from an unlisted network', { timeout: 30_000 }, async () => {
    await using it = receiver({ from: [listedAt] });
    const [plain, secure] = await it.server.listen({ host: '127.0.0.1' }, { host: '127.0.0.1', tls });
    await using proxy = await nginx([unlistedAt, plain!.port], [unlistedAt, secure!.port]);
    await expect(send(proxy.ports[0]!, false)).rejects.toBeInstanceOf(Error);
    await expect(send(proxy.ports[1]!, true)).rejects.toBeInstanceOf(Error);
    expect(it.kept).toEqual([]);
  });
});
