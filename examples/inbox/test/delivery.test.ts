import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Server } from '@maitred/core';
import { certificates } from '@maitred/plugin-starttls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../src/certificate.ts';
import { inbox } from '../src/inbox.ts';
import { clients, type Security } from './clients.ts';

const line = Buffer.from(`${'x'.repeat(76)}\r\n`);
const messages: Readonly<Record<string, Buffer>> = {
  'dots at line starts': Buffer.from('Subject: dots\r\n\r\n.\r\n..\r\n.x\r\nx.\r\n...\r\n'),
  '8-bit text': Buffer.from('Subject: Grüße\r\n\r\nÄÖÜ ß \xff\x80\r\n', 'latin1'),
  'an empty body': Buffer.from('Subject: nothing\r\n\r\n'),
  'no final line break': Buffer.from('Subject: open end\r\n\r\nthe end'),
  '30 MB': Buffer.concat([Buffer.from('Subject: large\r\n\r\n'), ...Array.from({ length: 385_000 }, () => line)]),
};

let root: string;
let server: Server;
let ports: Readonly<Record<Security, number>>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'inbox-test-'));
  const certs = await certificates({ default: await selfSigned('localhost') });
  server = inbox({ hostname: 'localhost', root: join(root, 'mail'), maximum: 100e6, certificates: certs, print() {} });
  const [plain, tls] = await server.listen({ host: '127.0.0.1' }, { host: '127.0.0.1', tls: certs.settings });
  ports = { plain: plain!.port, starttls: plain!.port, tls: tls!.port };
});

afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true });
});

/** What is new in the Maildir, without the trace fields on top (RFC 5321 4.4). */
async function arrived(): Promise<Buffer> {
  const folder = join(root, 'mail', 'new');
  const [name, ...others] = await readdir(folder);
  expect(others).toEqual([]);
  const stored = await readFile(join(folder, name!));
  await rm(join(folder, name!));
  const trace = /^(?:(?:Return-Path|Received): [^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*)+/.exec(stored.toString('latin1'));
  return stored.subarray(trace?.[0].length ?? 0);
}

describe.each(clients)('$client.name', ({ client, here }) => {
  // Where it isn't installed this says so, test by test.
  describe.skipIf(!here).each(client.can)('%s', (security) => {
    it.each(Object.keys(messages))('delivers %s octet for octet', { timeout: 60_000 }, async (name) => {
      const content = messages[name]!;
      const file = join(root, 'message.eml');
      await writeFile(file, content);
      await client.send({ port: ports[security], security, file, content });
      const ended =
        content.subarray(-2).toString() === '\r\n' ? content : Buffer.concat([content, Buffer.from('\r\n')]);
      const stored = await arrived();
      expect(stored.length).toBe(ended.length);
      expect(stored.equals(ended)).toBe(true);
    });
  });
});
