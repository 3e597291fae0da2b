import { Log, type Server } from '@maitred/core';
import { hashPassword, memoryDirectory } from '@maitred/plugin-auth';
import { certificates } from '@maitred/plugin-starttls';
import { memoryLog, selfSigned, type MemoryLog } from '@maitred/testing';
import type { Smarthost } from '../src/handover.ts';
import { submission } from '../src/submission.ts';

const certs = await certificates({ default: selfSigned('mail.example.org') });

/** Implicit TLS, as a listener on 465 has it. */
export const implicit = certs.settings;

const cost = { ln: 4, r: 8, p: 1 };
const directory = await memoryDirectory(
  [
    { name: 'ann@example.org', password: 'correct horse' },
    { name: 'bob@example.org', passwordHash: await hashPassword('battery staple', cost) },
  ],
  { cost, scramIterations: 4096 },
);

export const ann = { user: 'ann@example.org', pass: 'correct horse' };
/** The same, as PLAIN has it. */
export const plain: string = Buffer.from(`\0${ann.user}\0${ann.pass}`).toString('base64');

/** A submission server of the test's own. */
export interface House extends AsyncDisposable {
  readonly server: Server;
  readonly log: MemoryLog;
}

export function house(next: Partial<Smarthost>): House {
  const log = memoryLog();
  const server = submission({
    hostname: 'mail.example.org',
    maximum: 10_000_000,
    certificates: certs,
    directory,
    next: { host: '127.0.0.1', port: 9, tls: { rejectUnauthorized: false }, ...next },
  }).override(Log, log);
  return { server, log, [Symbol.asyncDispose]: () => server.close({ deadline: 0 }) };
}
