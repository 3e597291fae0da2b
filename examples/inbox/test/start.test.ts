import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createTransport } from 'nodemailer';
import { describe, expect, it, onTestFinished } from 'vitest';

/** A folder that goes with the test. */
async function folder(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'inbox-start-'));
  onTestFinished(() => rm(root, { recursive: true }));
  return root;
}

/** An inbox that was started with these flags; killed with the test, if it still runs then. */
function start(...flags: string[]): ChildProcessByStdio<null, Readable, Readable> {
  return startWith({}, ...flags);
}

function startWith(env: NodeJS.ProcessEnv, ...flags: string[]): ChildProcessByStdio<null, Readable, Readable> {
  const child = spawn(process.execPath, ['--conditions=@maitred/source', 'src/main.ts', ...flags], {
    cwd: new URL('..', import.meta.url),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Reads lines up to the first that has `end` in it. */
function reader(stream: Readable): (end: string) => Promise<string> {
  const lines = createInterface({ input: stream })[Symbol.asyncIterator]();
  return async (end) => {
    let read = '';
    for (let line = await lines.next(); !line.done; line = await lines.next()) {
      read += `${line.value}\n`;
      if (line.value.includes(end)) return read;
    }
    return read;
  };
}

const portIn = (welcome: string): number => Number(/listening on [^ ]*:(\d+), STARTTLS/.exec(welcome)?.[1]);

describe('the inbox', { timeout: 30_000 }, () => {
  it('says where it listens and what to try, prints a line for each message, and relays nothing', async () => {
    const root = await folder();
    const child = start('--port', '0', '--tls-port', '0', '--maildir', join(root, 'mail'));
    const until = reader(child.stdout);
    const welcome = await until('Ctrl-C');
    const port = portIn(welcome);
    expect(welcome).toMatch(/listening on 127\.0\.0\.1:\d+, STARTTLS/);
    expect(welcome).toMatch(/listening on 127\.0\.0\.1:\d+, TLS from the start/);
    expect(welcome).toContain(`swaks --server 127.0.0.1:${port}`);
    expect(welcome).toContain(`curl --url smtp://127.0.0.1:${port}`);
    expect(welcome).toContain(`port:${port},`);
    const transport = createTransport({ host: '127.0.0.1', port, tls: { rejectUnauthorized: false } });
    const subject = 'Grüße \u001b[31m';
    await transport.sendMail({ from: 'ann@example.com', to: 'bob@anywhere.example', subject, text: 'Hi' });
    expect(await until('ann@example.com')).toMatch(
      /^\n?\d\d:\d\d:\d\d {2}<ann@example\.com> → bob@anywhere\.example {2}\d+ B {2}Grüße ·\[31m\n$/,
    );
    expect(await readdir(join(root, 'mail', 'new'))).toHaveLength(1);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  // Windows has no signals: to kill is to end.
  it.skipIf(process.platform === 'win32')(
    'ends clients at a second Ctrl-C, having said so, and leaves no temporary file (needs signals)',
    async () => {
      const root = await folder();
      const temporary = await folder();
      const child = startWith({ TMPDIR: temporary }, '--port', '0', '--maildir', join(root, 'mail'));
      const until = reader(child.stdout);
      const socket = connect({ host: '127.0.0.1', port: portIn(await until('Ctrl-C')) });
      onTestFinished(() => void socket.destroy());
      socket.on('error', () => {}); // its end is what is awaited
      const replies = reader(socket);
      await replies('220');
      socket.write('EHLO client.example\r\n');
      await replies('250 ');
      socket.write('MAIL FROM:<ann@example.com>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n');
      await replies('354');
      socket.write(`${'x'.repeat(70)}\r\n`.repeat(10_000));
      await expect.poll(() => readdir(temporary)).toEqual([expect.stringMatching(/^maitred-/)]);
      // As many as come of one Ctrl-C where npm and pnpm are in between.
      child.kill('SIGINT');
      child.kill('SIGINT');
      expect(await until('Ctrl-C again')).toContain('Waiting up to 5 s for the clients; Ctrl-C again ends them\n');
      expect(child.exitCode).toBeNull();
      child.kill('SIGINT');
      expect(await once(child, 'exit')).toEqual([0, null]);
      expect(await readdir(temporary)).toEqual([]);
    },
  );

  it('says why it can not keep mail, with the causes', async () => {
    const root = await folder();
    await writeFile(join(root, 'file'), '');
    const child = start('--port', '0', '--maildir', join(root, 'file'));
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect(said).toMatch(/^maitred inbox: maildir could not be set up: E[A-Z]+: .*\n$/);
    expect(code).toBe(1);
  });

  it('says how to take another port than one that is taken', async () => {
    const root = await folder();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const child = start('--port', String(port), '--maildir', join(root, 'mail'));
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect(said).toContain(`127.0.0.1:${port}\n`);
    expect(said).toContain('take another: --port NUMBER or MAITRED_PORT');
    expect(code).toBe(1);
  });
});
