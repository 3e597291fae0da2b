import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { basics, Clock, createServer, Log, without, type Server, type ServerOptions } from '@maitred/core';
import { fakeClock, inMemory, memoryLog, type Client, type FakeClock, type MemoryLog } from '@maitred/testing';
import { onTestFinished } from 'vitest';

/** A folder that goes with the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'maitred-maildir-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** A server that takes everybody's mail, under a clock and a log of the test's, and adds no `Received:`. */
export interface Receiver {
  readonly server: Server;
  readonly clock: FakeClock;
  readonly log: MemoryLog;
}

export function receiver(options: Partial<ServerOptions> = {}): Receiver {
  const clock = fakeClock();
  const log = memoryLog();
  const server = createServer({ hostname: 'mx.example.org', base: without(basics(), 'received'), ...options })
    .override(Clock, clock)
    .override(Log, log)
    .accept(() => true);
  onTestFinished(() => server.close({ deadline: 0 }));
  return { server, clock, log };
}

/** What a Maildir shows its reader. */
export async function shown(maildir: string): Promise<string[]> {
  const names = await readdir(join(maildir, 'new'));
  return Promise.all(names.toSorted().map((name) => readFile(join(maildir, 'new', name), 'latin1')));
}

/** What was begun there and not shown. */
export function begun(maildir: string): Promise<string[]> {
  return readdir(join(maildir, 'tmp'));
}

/** Content with a dot to stuff, a NUL and an octet that is no UTF-8; as text, an octet is a character of it. */
export const content = 'Subject: hello\r\n\r\nHello.\r\n..\r\n\0\xff\r\n';

/** The same as it is sent. */
export const octets: Buffer = Buffer.from(content, 'latin1');

/** A client that has said hello. */
export async function greeted(of: Receiver, open: typeof inMemory.open = inMemory.open): Promise<Client> {
  const client = await open(of.server);
  await client.hello();
  return client;
}
