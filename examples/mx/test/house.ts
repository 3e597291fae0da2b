import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificates } from '@maitred/plugin-starttls';
import { Log } from '@maitred/core';
import { clientOn, memoryLog, selfSigned, type Client } from '@maitred/testing';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { mx, type Parts } from '../src/mx.ts';
import { nameServer, type NameServer, type Names } from './nameserver.ts';

const certs = await certificates({ default: selfSigned('mx.example.org') });
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** The key that signs for `sender.example`, and its record. */
export const signing = {
  domainName: 'sender.example',
  keySelector: 's1',
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
};
const record = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;

/** A domain that does everything right, by way of the loopback interface, and one whose mail never comes from there. */
export const names: Names = {
  '1.0.0.127.in-addr.arpa': ['mail.sender.example'],
  'mail.sender.example': ['127.0.0.1'],
  'sender.example': ['v=spf1 a:mail.sender.example -all', 'other text'],
  's1._domainkey.sender.example': [record],
  '_dmarc.sender.example': ['v=DMARC1; p=reject; adkim=s; aspf=s'],
  'bank.example': ['v=spf1 -all'],
  '_dmarc.bank.example': ['v=DMARC1; p=reject'],
  'slow.example': 'SERVFAIL',
  '_dmarc.slow.example': ['v=DMARC1; p=reject'],
  'shop.example': ['v=spf1 ~all'],
  '_dmarc.shop.example': ['v=DMARC1; p=quarantine'],
};

/** An MX on a port of its own, a DNS server, and a mailbox. */
export interface House extends AsyncDisposable {
  readonly port: number;
  readonly dns: NameServer;
  /** What was printed. */
  readonly tables: string[];
  readonly log: ReturnType<typeof memoryLog>;
  /** The messages in the mailbox. */
  stored(): Promise<string[]>;
  /** Sends one with nodemailer, over STARTTLS; rejects when it is refused. */
  send(mail: SendMailOptions, dkim?: typeof signing): Promise<void>;
  /** A client that does what the test says. */
  connect(): Client;
}

export async function house(parts: Partial<Parts> = {}): Promise<House> {
  const root = await mkdtemp(join(tmpdir(), 'mx-test-'));
  const maildir = join(root, 'mail');
  const dns = await nameServer(names);
  const tables: string[] = [];
  const log = memoryLog();
  const server = mx({
    hostname: 'mx.example.org',
    domains: ['example.org'],
    maildir,
    maximum: 1_000_000,
    certificates: certs,
    proxies: [],
    trusted: [],
    sealers: [],
    resolvers: [dns.address],
    print: (table) => void tables.push(table),
    ...parts,
  }).override(Log, log);
  const [bound] = await server.listen({ host: '127.0.0.1' });
  const port = bound?.port ?? 0;
  return {
    port,
    dns,
    tables,
    log,
    async stored() {
      const files = await readdir(join(maildir, 'new')).catch(() => []);
      return Promise.all(files.map((file) => readFile(join(maildir, 'new', file), 'utf8')));
    },
    async send(mail, dkim) {
      const transport = createTransport({
        host: '127.0.0.1',
        port,
        name: 'mail.sender.example',
        requireTLS: true,
        tls: { rejectUnauthorized: false },
      });
      try {
        await transport.sendMail({ ...mail, ...(dkim ? { dkim } : {}) });
      } finally {
        transport.close();
      }
    },
    connect: () => clientOn(connect({ port, host: '127.0.0.1' })),
    async [Symbol.asyncDispose]() {
      await server.close({ deadline: 0 });
      await dns[Symbol.asyncDispose]();
      await rm(root, { recursive: true });
    },
  };
}

/** A field of a message, unfolded. */
export function fieldOf(message: string, name: string): string | undefined {
  const [header = ''] = message.split('\r\n\r\n');
  const unfolded = header.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  return unfolded.find((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}: `))?.slice(name.length + 2);
}

/** The message as it would be sent, signed. */
export async function composed(mail: SendMailOptions): Promise<Buffer> {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await transport.sendMail({ ...mail, dkim: signing });
  return message as Buffer;
}
