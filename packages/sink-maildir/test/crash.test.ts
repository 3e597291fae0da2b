import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { clientOn, type Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { folder, shown } from './receiver.ts';

const program = fileURLToPath(new URL('keeper.ts', import.meta.url));

/** Content that shows whether it is whole: its first field is the hash of its body. */
function message(number: number): string {
  const body = `${number}\r\n${'All work and no play makes Jack a dull boy.\r\n'.repeat(1 + ((number * 997) % 20_000))}`;
  return `X-Hash: ${hash(body)}\r\nX-Number: ${number}\r\n\r\n${body}`;
}

const hash = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex');

/** The number of a message that is whole; throws for one that is not. */
function whole(text: string): number {
  const [header = '', ...rest] = text.split('\r\n\r\n');
  expect(header).toContain(`X-Hash: ${hash(rest.join('\r\n\r\n'))}`);
  return Number(/X-Number: (\d+)/.exec(header)?.[1]);
}

/** Sends one message after the other until the server is gone, and tells which it answered with 250. */
async function send(client: Client, next: () => number, kept: (number: number) => void): Promise<void> {
  try {
    await client.hello();
    for (;;) {
      const number = next();
      if ((await client.mail({ content: message(number) })).code === 250) kept(number);
    }
  } catch {
    client.destroy();
  }
}

describe('a server that is killed', () => {
  it.each([1, 5, 25])(
    'after %i messages has only whole ones, and all it answered for',
    { timeout: 60_000 },
    async (enough) => {
      const root = folder();
      // What a killed process leaves goes with the test.
      const temporary = folder();
      const env = { ...process.env, TMPDIR: temporary, TEMP: temporary };
      const server = spawn(process.execPath, ['--conditions=@maitred/source', program, root], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [port] = (await once(server.stdout, 'data')) as [Buffer];
      const kept: number[] = [];
      let last = 0;
      const note = (number: number): void => {
        // Others are at every step of theirs.
        if (kept.push(number) === enough) server.kill('SIGKILL');
      };
      const senders = Array.from({ length: 8 }, async () => {
        const socket = connect({ host: '127.0.0.1', port: Number(port) });
        await once(socket, 'connect');
        await send(clientOn(socket, { patience: 30_000 }), () => (last += 1), note);
      });
      await once(server, 'close');
      await Promise.all(senders);
      const found = new Set((await shown(root)).map(whole));
      expect(kept.length).toBeGreaterThanOrEqual(enough);
      expect(kept.filter((number) => !found.has(number))).toEqual([]);
    },
  );
});
