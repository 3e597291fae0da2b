import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { selfSigned } from '@maitred/testing';
import { createTransport } from 'nodemailer';
import { expect, it } from 'vitest';
import { names, signing } from './house.ts';
import { nameServer } from './nameserver.ts';

it('starts with files, prints the verdicts of a mail, keeps it, and ends in peace', { timeout: 60_000 }, async () => {
  await using dns = await nameServer(names);
  const root = await mkdtemp(join(tmpdir(), 'mx-start-'));
  const { key, cert } = selfSigned('localhost');
  await writeFile(join(root, 'key.pem'), key);
  await writeFile(join(root, 'cert.pem'), cert);
  const child = spawn(process.execPath, ['--conditions=@maitred/source', 'src/main.ts'], {
    cwd: new URL('..', import.meta.url),
    env: {
      ...process.env,
      PORT: '0',
      DOMAINS: 'example.org',
      MAILDIR: join(root, 'mail'),
      CERT: join(root, 'cert.pem'),
      KEY: join(root, 'key.pem'),
      RESOLVERS: dns.address,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<string> => String((await lines.next()).value);
    const port = Number(/^listening on 127\.0\.0\.1:(\d+) for example\.org$/.exec(await next())?.[1]);
    const transport = createTransport({
      host: '127.0.0.1',
      port,
      requireTLS: true,
      tls: { ca: cert, servername: 'localhost' },
    });
    await transport.sendMail({ from: 'ann@sender.example', to: 'bob@example.org', text: 'Hello.', dkim: signing });
    transport.close();
    expect(await next()).toContain('<ann@sender.example> → bob@example.org');
    expect(await next()).toMatch(/^ {2}iprev +pass /);
    expect(await next()).toMatch(/^ {2}spf +pass /);
    expect(await readdir(join(root, 'mail', 'new'))).toHaveLength(1);
  } finally {
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await rm(root, { recursive: true });
  }
});
