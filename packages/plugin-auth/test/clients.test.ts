import { execFile, spawnSync } from 'node:child_process';
import { Clock, Identity, systemClock } from '@maitred/core';
import { createTransport } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import { installed } from '../../../tools/programs.ts';
import {
  cramMd5,
  everyday,
  memoryDirectory,
  oauthBearer,
  requireAuth,
  scramRecord,
  xoauth2,
  type MechanismList,
} from '../src/index.ts';
import { certificate, cheap, house, type House } from './house.ts';
import { startTls } from './starttls.ts';

const users = await memoryDirectory([{ name: 'ann', password: 'tr0ub4dor&3', tokens: ['vF9dft4qmTc2Nvb3Rl'] }], {
  cost: cheap,
  keepPasswords: true,
});
const [user, pass, accessToken] = ['ann', 'tr0ub4dor&3', 'vF9dft4qmTc2Nvb3Rl'];

interface Listening extends House {
  readonly port: number;
  /** Who was let in, and how. */
  readonly entered: string[];
}

/** A server that takes mail from nobody whom it doesn't know, over TLS alone. */
async function listening(mechanisms: MechanismList = [everyday(), cramMd5()]): Promise<Listening> {
  const made = house({ directory: users, mechanisms, withoutTls: false }, startTls(certificate), requireAuth());
  const entered: string[] = [];
  made.server.override(Clock, { ...systemClock, sleep: async () => {} }).on('mail', (ctx, next) => {
    const { id, by } = ctx.need(Identity);
    entered.push(`${id} by ${by}`);
    return next();
  });
  const [at] = await made.server.listen({ host: '127.0.0.1' });
  return { ...made, port: at?.port ?? 0, entered };
}

/** Runs a program to its end; gives all it printed, and how it ended. */
function run(
  program: string,
  args: readonly string[],
  input = '',
): Promise<{ readonly code: number; readonly out: string }> {
  return new Promise((resolve) => {
    const child = execFile(program, args, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out: stdout + stderr });
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

describe('nodemailer', { timeout: 30_000 }, () => {
  const message = { from: 'ann@client.example', to: 'b@server.example', subject: 'hello', text: 'Hello.' };
  const options = { host: '127.0.0.1', requireTLS: true, tls: { rejectUnauthorized: false } };

  it.each(['PLAIN', 'LOGIN', 'CRAM-MD5'])('is let in by %s, and refused with a wrong password', async (authMethod) => {
    const { port, entered, kept } = await listening();
    const client = createTransport({ ...options, port, authMethod, auth: { user, pass } });
    expect((await client.sendMail(message)).response).toMatch(/^250 /);
    expect(entered).toEqual([`ann by ${authMethod}`]);
    expect(kept[0]).toContain('with ESMTPSA id');
    const stranger = createTransport({ ...options, port, authMethod, auth: { user, pass: 'guess' } });
    await expect(stranger.sendMail(message)).rejects.toMatchObject({ code: 'EAUTH', responseCode: 535 });
  });

  it('is let in by XOAUTH2, and refused with a wrong token', async () => {
    const { port, entered } = await listening();
    const login = (token: string): object => ({ ...options, port, auth: { type: 'OAuth2', user, accessToken: token } });
    expect((await createTransport(login(accessToken)).sendMail(message)).response).toMatch(/^250 /);
    expect(entered).toEqual(['ann by XOAUTH2']);
    const stranger = createTransport(login('stale'));
    await expect(stranger.sendMail(message)).rejects.toMatchObject({ code: 'EAUTH' });
  });
});

describe.skipIf(!installed('python3', '--version'))(
  'smtplib (skipped where there is no python3)',
  { timeout: 60_000 },
  () => {
    const program = `
import smtplib, ssl, sys
port, method, user, password = int(sys.argv[1]), *sys.argv[2:]
client = smtplib.SMTP('127.0.0.1', port, timeout=10)
client.starttls(context=ssl._create_unverified_context())
client.ehlo()
client.esmtp_features['auth'] = method
try:
    print(client.login(user, password)[0])
    client.sendmail('ann@client.example', ['b@server.example'], 'Subject: hello\\r\\n\\r\\nHello.\\r\\n')
except smtplib.SMTPAuthenticationError as error:
    print(error.smtp_code)
print(client.quit()[0])
`;

    it.each(['PLAIN', 'LOGIN', 'CRAM-MD5'])('is let in by %s, and refused with a wrong password', async (method) => {
      const { port, entered } = await listening();
      const attempt = (password: string): Promise<unknown> =>
        run('python3', ['-c', program, String(port), method, user, password]);
      expect(await attempt(pass)).toEqual({ code: 0, out: '235\n221\n' });
      expect(await attempt('guess')).toEqual({ code: 0, out: '535\n221\n' });
      expect(entered).toEqual([`ann by ${method}`]);
    });
  },
);

const curl = spawnSync('curl', ['--version']).stdout?.toString() ?? '';
describe.skipIf(!/\bsmtps\b/.test(curl))(
  'curl (skipped where there is none that speaks SMTP)',
  { timeout: 60_000 },
  () => {
    const mail = 'Subject: hello\r\n\r\nHello.\r\n';
    const attempt = (port: number, ...args: string[]): Promise<{ code: number; out: string }> => {
      const url = `smtp://127.0.0.1:${port}/client.example`;
      const to = ['--mail-from', 'ann@client.example', '--mail-rcpt', 'b@server.example', '-T', '-'];
      return run('curl', ['-sS', '-k', '--ssl-reqd', '--max-time', '10', url, ...to, ...args], mail);
    };

    it.each([[], ['--sasl-ir']])(
      'is let in by PLAIN and LOGIN, and refused with a wrong password %s',
      async (...more) => {
        const { port, entered, kept } = await listening();
        for (const name of ['PLAIN', 'LOGIN']) {
          const method = ['--login-options', `AUTH=${name}`, ...more];
          expect(await attempt(port, '-u', `${user}:${pass}`, ...method)).toEqual({ code: 0, out: '' });
          expect((await attempt(port, '-u', `${user}:guess`, ...method)).code).toBe(67);
        }
        expect(entered).toEqual(['ann by PLAIN', 'ann by LOGIN']);
        expect(kept).toHaveLength(2);
      },
    );

    // Where both are offered it takes OAUTHBEARER, whatever it's told.
    it.each([[], ['--sasl-ir']])(
      'is let in by OAUTHBEARER and XOAUTH2, and refused with a wrong token %s',
      async (...more) => {
        for (const mechanism of [oauthBearer(), xoauth2()]) {
          const { port, entered } = await listening([mechanism]);
          expect(await attempt(port, '-u', `${user}:`, '--oauth2-bearer', accessToken, ...more)).toEqual({
            code: 0,
            out: '',
          });
          expect((await attempt(port, '-u', `${user}:`, '--oauth2-bearer', 'stale', ...more)).code).toBe(67);
          expect(entered).toEqual([`ann by ${mechanism.name}`]);
        }
      },
    );
  },
);

/** One attempt of GNU SASL's, which takes STARTTLS where it's offered. */
function gsasl(port: number, mechanism: string, password: string, ...more: string[]): ReturnType<typeof run> {
  const who = [`--authentication-id=${user}`, `--password=${password}`, `--mechanism=${mechanism}`];
  return run('gsasl', ['--smtp', `--connect=127.0.0.1:${port}`, '--x509-ca-file=', ...who, ...more]);
}

describe.skipIf(!installed('gsasl', '--version'))(
  'GNU SASL (skipped where there is no gsasl)',
  { timeout: 60_000 },
  () => {
    it.each([
      ['SCRAM-SHA-256', '--no-cb'],
      ['SCRAM-SHA-1', '--no-cb'],
      ['SCRAM-SHA-256-PLUS'],
      ['SCRAM-SHA-1-PLUS'],
      ['PLAIN'],
      ['LOGIN'],
      ['CRAM-MD5'],
    ])('is let in by %s, and refused with a wrong password', async (mechanism, ...more) => {
      const { port } = await listening();
      const welcome = await gsasl(port, mechanism, pass, ...more);
      expect(welcome.out).toContain('server trusted');
      expect(welcome.code).toBe(0);
      const stranger = await gsasl(port, mechanism, 'guess', ...more);
      expect(stranger.out).not.toContain('server trusted');
      expect(stranger.code).not.toBe(0);
    });

    it.each(['SHA-256', 'SHA-1'] as const)('derives the same record of a password: %s', async (hash) => {
      const salt = Buffer.from('QSXCR+Q6sek8bf92', 'base64');
      const derived = ['--mkpasswd', `--mechanism=SCRAM-${hash}`, `--password=${pass}`, '--salt=QSXCR+Q6sek8bf92'];
      const { out } = await run('gsasl', [...derived, '--iteration-count=5000']);
      const { storedKey, serverKey } = await scramRecord(pass, { hash, salt, iterations: 5000 });
      const [stored, server] = [storedKey, serverKey].map((key) => key.toString('base64'));
      expect(out.trim()).toBe(`{SCRAM-${hash}}5000,QSXCR+Q6sek8bf92,${stored},${server}`);
    });
  },
);
