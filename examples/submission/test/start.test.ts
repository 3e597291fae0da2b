import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { selfSigned } from '@maitred/testing';
import { createTransport } from 'nodemailer';
import { expect, it } from 'vitest';
import { next } from './next.ts';

function program(file: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, ['--conditions=@maitred/source', file], {
    cwd: new URL('..', import.meta.url),
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

it('starts with files, submits by both ports, and ends in peace', { timeout: 60_000 }, async () => {
  await using to = await next();
  const root = await mkdtemp(join(tmpdir(), 'submission-'));
  const hashing = program('src/hash.ts');
  hashing.stdin?.end('correct horse\n');
  const passwordHash = (await text(hashing.stdout!)).trim();
  const { key, cert } = selfSigned('localhost');
  await writeFile(join(root, 'key.pem'), key);
  await writeFile(join(root, 'cert.pem'), cert);
  await writeFile(join(root, 'users.json'), JSON.stringify([{ name: 'ann@example.org', passwordHash }]));
  const child = program('src/main.ts', {
    PORT: '0',
    TLS_PORT: '0',
    CERT: join(root, 'cert.pem'),
    KEY: join(root, 'key.pem'),
    USERS: join(root, 'users.json'),
    SMARTHOST: `smtp://127.0.0.1:${to.port}`,
  });
  try {
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    for (const secure of [false, true]) {
      const { value } = await lines.next();
      const port = Number(/^listening on 127\.0\.0\.1:(\d+)$/.exec(String(value))?.[1]);
      const auth = { user: 'ann@example.org', pass: 'correct horse' };
      const transport = createTransport({
        host: '127.0.0.1',
        port,
        secure,
        requireTLS: !secure,
        auth,
        tls: { ca: cert, servername: 'localhost' },
      });
      await transport.sendMail({ from: 'ann@example.org', to: 'eve@elsewhere.example', text: 'Hello.' });
      transport.close();
    }
    expect(to.taken).toHaveLength(2);
  } finally {
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await rm(root, { recursive: true });
  }
});
