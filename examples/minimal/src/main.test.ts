import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createTransport } from 'nodemailer';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';

it('receives a mail', async () => {
  const child = spawn(process.execPath, ['--conditions=@maitred/source', 'src/main.ts'], {
    cwd: new URL('..', import.meta.url),
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const port = Number(/:(\d+)$/.exec((await lines.next()).value ?? '')?.[1]);
    const mail = { from: 'ann@example.com', to: 'bob@example.org', subject: 'Hello', text: 'Hi Bob' };
    const sent = await createTransport({ host: '127.0.0.1', port }).sendMail(mail);
    expect(sent.accepted).toEqual(['bob@example.org']);
    expect((await lines.next()).value).toMatch(/^ann@example.com wrote \d+ octets$/);
    await expect(
      createTransport({ host: '127.0.0.1', port }).sendMail({ ...mail, to: 'bob@elsewhere.example' }),
    ).rejects.toMatchObject({ responseCode: 550 });
  } finally {
    child.kill();
    await once(child, 'exit');
  }
});

it('is the program of the README', async () => {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
  const program = await readFile(new URL('main.ts', import.meta.url), 'utf8');
  expect(readme).toContain(`\`\`\`ts\n${program}\`\`\``);
});
