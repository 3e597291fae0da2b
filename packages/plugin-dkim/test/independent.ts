import { Buffer } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createTransport } from 'nodemailer';
import type { TestKey } from './signer.ts';

/** A message that somebody else is to sign for example.org. */
export interface Job {
  readonly message: string;
  readonly selector: string;
  readonly key: TestKey;
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
  readonly header: 'simple' | 'relaxed';
  readonly body: 'simple' | 'relaxed';
  readonly fields: readonly string[];
  /** Whether `l=` says how long the body is. */
  readonly length: boolean;
}

/** A Python that has dkimpy (Debian: python3-dkim), by a name that is no stranger's; undefined where there is none. */
export const python: string | undefined = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import dkim'], { stdio: 'ignore' }).status === 0,
);

/** Who signs here. */
export const signer: 'dkimpy' | 'nodemailer' = python === undefined ? 'nodemailer' : 'dkimpy';

/** Signs all: by dkimpy, or else by nodemailer, which knows relaxed/relaxed by RSA alone. */
export async function signAll(jobs: readonly Job[]): Promise<string[]> {
  return python === undefined ? byNodemailer(jobs) : byDkimpy(python, jobs);
}

function byDkimpy(command: string, jobs: readonly Job[]): string[] {
  const input = jobs.map(({ message, key, ...job }) => {
    const secret =
      job.algorithm === 'ed25519-sha256'
        ? Buffer.from(key.privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32).toString('base64'))
        : Buffer.from(key.privateKey.export({ type: 'pkcs1', format: 'pem' }));
    return JSON.stringify({ ...job, message: base64(message), key: secret.toString('base64') });
  });
  const script = fileURLToPath(new URL('sign.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(command, [script], {
    input: input.join('\n'),
    encoding: 'latin1',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`dkimpy could not sign: ${stderr}`);
  return stdout.trimEnd().split('\n').map(fromBase64);
}

async function byNodemailer(jobs: readonly Job[]): Promise<string[]> {
  const all: string[] = [];
  for (const { message, selector, key, fields } of jobs) {
    const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
    const sent = await transport.sendMail({
      envelope: { from: 'joe@example.org', to: 'suzie@example.net' },
      raw: Buffer.from(message, 'latin1'),
      dkim: {
        domainName: 'example.org',
        keySelector: selector,
        privateKey: key.pem,
        headerFieldNames: fields.join(':'),
      },
    });
    all.push((sent.message as Buffer).toString('latin1'));
  }
  return all;
}

const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');
const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('latin1');
