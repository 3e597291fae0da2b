import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, it, vi } from 'vitest';
import { notification } from '../src/index.ts';

const chunk = Buffer.from(`${'x'.repeat(62)}\r\n`.repeat(1024));
const chunks = 1024;
const size = chunk.length * chunks;

it('returns a message of 64 MiB in little memory, as fast as it is read', { timeout: 120_000 }, async () => {
  let made = 0;
  const content = function* (): Generator<Buffer> {
    yield Buffer.from('Subject: large\r\n\r\n');
    for (let n = 0; n < chunks; n += 1, made += 1) yield Buffer.from(chunk);
  };
  const report = { recipient: 'bob@server.example', action: 'failed' } as const;
  const options = { reportingMta: 'mx.example.org', largest: Number.POSITIVE_INFINITY };
  const about = { sender: 'ann@client.example', returnContent: 'FULL', content } as const;
  const it = (await notification(about, [report], options))!;
  let read = 0;
  let ahead = 0;
  const reader = new Writable({
    write: (piece: Buffer, _, done) => {
      read += piece.length;
      ahead = Math.max(ahead, made * chunk.length - read);
      setImmediate(done);
    },
  });
  made = 0;
  await pipeline(it.stream(), reader);
  expect(read).toBeGreaterThan(size);
  expect(read).toBeLessThan(size + 10_000);
  expect(ahead).toBeLessThan(8 * chunk.length);
});

it('reads a message no further than its header when nothing more is returned', async () => {
  let made = 0;
  const content = function* (): Generator<Buffer> {
    yield Buffer.from('Subject: large\r\n\r\n');
    for (; made < chunks; made += 1) yield Buffer.from(chunk);
  };
  const report = { recipient: 'bob@server.example', action: 'failed' } as const;
  await notification({ sender: 'ann@client.example', content }, [report], { reportingMta: 'mx.example.org' });
  expect(made * chunk.length).toBeLessThanOrEqual(256 * 1024);
});

it('closes the content when its own reader goes away', async () => {
  let open = 0;
  const content = function* (): Generator<Buffer> {
    open += 1;
    try {
      for (let n = 0; n < chunks; n += 1) yield Buffer.from(chunk);
    } finally {
      open -= 1;
    }
  };
  const report = { recipient: 'bob@server.example', action: 'failed' } as const;
  const options = { reportingMta: 'mx.example.org', largest: Number.POSITIVE_INFINITY };
  const about = { sender: 'ann@client.example', returnContent: 'FULL', content } as const;
  const stream = (await notification(about, [report], options))!.stream();
  for await (const piece of stream) if ((piece as Buffer).length === chunk.length) break;
  expect(stream.destroyed).toBe(true);
  // Node 26 lets the source go a turn after the reader.
  await vi.waitFor(() => expect(open).toBe(0));
});
