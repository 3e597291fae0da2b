import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';

it(
  'says where it listens and what to try, prints a line for each message, and relays nothing',
  { timeout: 30_000 },
  async () => {
    const root = await mkdtemp(join(tmpdir(), 'inbox-start-'));
    const flags = ['--port', '0', '--tls-port', '0', '--maildir', join(root, 'mail')];
    const child = spawn(process.execPath, ['--conditions=@maitred/source', 'src/main.ts', ...flags], {
      cwd: new URL('..', import.meta.url),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const until = async (end: string): Promise<string> => {
        let text = '';
        for (let line = await lines.next(); !line.done; line = await lines.next()) {
          text += `${line.value}\n`;
          if (line.value.includes(end)) return text;
        }
        return text;
      };
      const welcome = await until('Ctrl-C');
      const port = Number(/listening on 127\.0\.0\.1:(\d+), STARTTLS/.exec(welcome)?.[1]);
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
    } finally {
      child.kill('SIGTERM');
      const [code] = (await once(child, 'exit')) as [number | null];
      expect(code).toBe(0);
      await rm(root, { recursive: true });
    }
  },
);
