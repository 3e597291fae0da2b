import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientOn, selfSigned } from '@maitred/testing';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts, installed, listening, nginxArgs, nginxStreams, start, type Program } from './programs.ts';

const clientAt = '127.9.8.7';
const elsewhere = '127.0.0.3';

let folder: string;
let main: Program;
/** Where the server listens: plain, then TLS. */
let behind: readonly number[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'behind-proxy-'));
  const { cert, key } = selfSigned('mx.example.org');
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  await writeFile(certFile, cert);
  await writeFile(keyFile, key);
  const env = { PORT: '0', TLS_PORT: '0', CERT: certFile, KEY: keyFile, PROXIES: '127.0.0.1' };
  main = start(process.execPath, ['--conditions=@maitred/source', 'src/main.ts'], env);
  const bound = [await main.line(), await main.line()];
  behind = bound.map((line) => Number(/:(\d+)$/.exec(line)?.[1]));
});

afterAll(async () => {
  await main[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A proxy we did not write, with the file of this folder. */
interface Kind {
  readonly name: string;
  readonly file: string;
  /** What the file says, and what it says when it listens and connects where the test wants. */
  readonly changes: (front: readonly number[]) => readonly (readonly [string, string])[];
  readonly args: (file: string, folder: string) => readonly string[];
  /** To make it connect from elsewhere. */
  readonly source: readonly [string, string];
  readonly version: 1 | 2;
}

const haproxy: Kind = {
  name: 'haproxy',
  file: 'haproxy.cfg',
  changes: ([smtp, submissions]) => [
    ['bind :25\n', `bind 127.0.0.1:${smtp}\n`],
    ['bind :465\n', `bind 127.0.0.1:${submissions}\n`],
    ['127.0.0.1:2525', `127.0.0.1:${behind[0]}`],
    ['127.0.0.1:4650', `127.0.0.1:${behind[1]}`],
  ],
  args: (file) => ['-db', '-f', file],
  source: ['  mode tcp\n', `  mode tcp\n  source ${elsewhere}\n`],
  version: 2,
};

const nginx: Kind = {
  name: 'nginx',
  file: 'nginx.conf',
  changes: ([smtp, submissions]) => [
    ['listen 25;', `listen 127.0.0.1:${smtp};`],
    ['listen 465;', `listen 127.0.0.1:${submissions};`],
    ['127.0.0.1:2525', `127.0.0.1:${behind[0]}`],
    ['127.0.0.1:4650', `127.0.0.1:${behind[1]}`],
  ],
  args: nginxArgs,
  source: ['proxy_protocol on;', `proxy_protocol on; proxy_bind ${elsewhere};`],
  version: 1,
};

/** The file as the test needs it. Every change must find its place: what is tested is what people copy. */
async function rewritten(kind: Kind, changes: readonly (readonly [string, string])[]): Promise<string> {
  let text = await readFile(new URL(`../${kind.file}`, import.meta.url), 'utf8');
  for (const [from, to] of changes) {
    // Whole: a port that an earlier change put in may begin like the one that is looked for.
    const place = new RegExp(`${from.replaceAll(/[.;]/g, '\\$&')}(?!\\d)`);
    expect(text.split(place)).toHaveLength(2);
    text = text.replace(place, () => to);
  }
  const file = join(folder, kind.file);
  await writeFile(file, text);
  return file;
}

/** The proxy under way, and the ports that clients connect to. */
async function proxying(
  kind: Kind,
  more: readonly (readonly [string, string])[] = [],
): Promise<{ front: readonly number[]; program: Program }> {
  const front = await freePorts(2);
  const file = await rewritten(kind, [...kind.changes(front), ...more]);
  const program = start(kind.name, kind.args(file, folder));
  await listening(front, program);
  return { front, program };
}

/** Sends a mail from the client's address. */
function send(port: number, how: { readonly secure?: boolean; readonly requireTLS?: boolean }): Promise<unknown> {
  return createTransport({
    host: '127.0.0.1',
    port,
    localAddress: clientAt,
    tls: { rejectUnauthorized: false },
    ...how,
  }).sendMail({ from: 'ann@example.com', to: 'bob@example.org', text: 'Hi Bob' });
}

const here = { haproxy: installed('haproxy', '-v'), nginx: nginxStreams() };

describe.each([
  { kind: haproxy, missing: !here.haproxy },
  { kind: nginx, missing: !here.nginx },
])('behind $kind.name', ({ kind, missing }) => {
  // Where it isn't installed, with its stream module, this says so test by test.
  describe.skipIf(missing)('as configured here (skipped where it is not installed)', { timeout: 30_000 }, () => {
    it('shows the client: plain, STARTTLS and implicit TLS', async () => {
      const { front, program } = await proxying(kind);
      await using _ = program;
      const ways = [{ ignoreTLS: true }, { requireTLS: true }, { secure: true }];
      const told: string[] = [];
      for (const how of ways) {
        await send(front[how.secure === true ? 1 : 0]!, how);
        told.push(await main.line());
      }
      const through = `through 127.0.0.1, PROXY version ${kind.version}`;
      expect(told.map((line) => line.replace(/\d+ octets/, 'it'))).toEqual([
        `ann@example.com at ${clientAt} wrote it, ${through}, in plaintext`,
        `ann@example.com at ${clientAt} wrote it, ${through}, TLSv1.3`,
        `ann@example.com at ${clientAt} wrote it, ${through}, TLSv1.3`,
      ]);
    });

    it('answers a client that has said all it had to say and shut its side down', async () => {
      const { front, program } = await proxying(kind);
      await using _ = program;
      const client = clientOn(
        connect({ host: '127.0.0.1', port: front[0]!, localAddress: clientAt, allowHalfOpen: true }),
      );
      await client.hello();
      for (const line of ['MAIL FROM:<ann@example.com>', 'RCPT TO:<bob@example.org>', 'DATA'])
        await client.command(line);
      client.send('Hi\r\n.\r\nQUIT\r\n');
      client.end();
      expect([await client.reply(), await client.reply()]).toMatchObject([{ code: 250 }, { code: 221 }]);
      expect(await main.line()).toContain(clientAt);
    });

    it('takes no mail from the same proxy elsewhere', async () => {
      const { front, program } = await proxying(kind, [kind.source]);
      await using _ = program;
      await expect(send(front[0]!, {})).rejects.toBeInstanceOf(Error);
      await expect(send(front[1]!, { secure: true })).rejects.toBeInstanceOf(Error);
      const direct = clientOn(connect({ host: '127.0.0.1', port: behind[0]!, localAddress: clientAt }));
      direct.send(`PROXY TCP4 ${clientAt} 127.0.0.1 40000 25\r\n`);
      expect(await direct.closed().catch(() => direct.transcript)).toBe('');
    });
  });
});

describe.skipIf(!here.haproxy)('behind haproxy with version 1 (skipped where it is not installed)', () => {
  it('shows the client', { timeout: 30_000 }, async () => {
    const old: readonly (readonly [string, string])[] = haproxy
      .changes([])
      .slice(2)
      .map(([, to]) => [`${to} send-proxy-v2`, `${to} send-proxy`]);
    const { front, program } = await proxying(haproxy, old);
    await using _ = program;
    for (const how of [{ requireTLS: true }, { secure: true }]) {
      await send(front[how.secure === true ? 1 : 0]!, how);
      expect(await main.line()).toContain(`at ${clientAt} wrote`);
    }
  });
});
