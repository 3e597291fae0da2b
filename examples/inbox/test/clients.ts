import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createTransport } from 'nodemailer';

/** How a client reaches the inbox. */
export type Security = 'plain' | 'starttls' | 'tls';

/** One delivery: where, how, and the file that holds the message. */
export interface Delivery {
  readonly port: number;
  readonly security: Security;
  readonly file: string;
  readonly content: Buffer;
}

/** A client that we did not write. */
export interface MailClient {
  readonly name: string;
  readonly can: readonly Security[];
  /** Rejects, with what the client said, when it could not deliver. */
  send(delivery: Delivery): Promise<void>;
}

const sender = 'ann@example.com';
const recipient = 'bob@example.org';

const nodemailer: MailClient = {
  name: 'nodemailer',
  can: ['plain', 'starttls', 'tls'],
  async send({ port, security, content }) {
    const transport = createTransport({
      host: '127.0.0.1',
      port,
      secure: security === 'tls',
      ignoreTLS: security === 'plain',
      requireTLS: security === 'starttls',
      tls: { rejectUnauthorized: false },
    });
    await transport.sendMail({ envelope: { from: sender, to: recipient }, raw: content });
  },
};

const script = `
import smtplib, ssl, sys
port, security, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
context = ssl._create_unverified_context()
client = smtplib.SMTP_SSL('127.0.0.1', port, context=context) if security == 'tls' else smtplib.SMTP('127.0.0.1', port)
if security == 'starttls': client.starttls(context=context)
refused = client.sendmail('${sender}', ['${recipient}'], open(path, 'rb').read())
client.quit()
sys.exit(1 if refused else 0)
`;

const smtplib: MailClient = {
  name: 'smtplib',
  can: ['plain', 'starttls', 'tls'],
  send: ({ port, security, file }) => run('python3', ['-c', script, String(port), security, file]),
};

const curl: MailClient = {
  name: 'curl',
  can: ['plain', 'starttls', 'tls'],
  send({ port, security, file }) {
    const url = `${security === 'tls' ? 'smtps' : 'smtp'}://127.0.0.1:${port}/client.example`;
    const tls = security === 'plain' ? [] : ['--ssl-reqd', '--insecure'];
    const envelope = ['--mail-from', sender, '--mail-rcpt', recipient, '--upload-file', file];
    return run('curl', ['--silent', '--show-error', '--max-time', '60', '--url', url, ...tls, ...envelope]);
  },
};

const openssl: MailClient = {
  name: 'openssl s_client',
  can: ['starttls', 'tls'],
  async send({ port, security, content }) {
    const starttls = security === 'starttls' ? ['-starttls', 'smtp'] : [];
    const child = spawn('openssl', ['s_client', '-quiet', '-nocommands', '-connect', `127.0.0.1:${port}`, ...starttls]);
    const says = dialogue(child);
    // For STARTTLS openssl reads the greeting and says EHLO by itself.
    if (security === 'tls') await says('', 220);
    await says('EHLO client.example\r\n', 250);
    await says(`MAIL FROM:<${sender}>\r\n`, 250);
    await says(`RCPT TO:<${recipient}>\r\n`, 250);
    await says('DATA\r\n', 354);
    const stuffed = content.toString('latin1').replace(/(^|\r\n)\./g, '$1..');
    await says(Buffer.from(`${stuffed}${stuffed.endsWith('\r\n') ? '' : '\r\n'}.\r\n`, 'latin1'), 250);
    await says('QUIT\r\n', 221);
    child.stdin.end();
    await once(child, 'exit');
  },
};

/** Sends octets and waits for a whole reply of that code. */
function dialogue(child: ChildProcessWithoutNullStreams): (octets: string | Buffer, code: number) => Promise<void> {
  let heard = '';
  let wake: (() => void) | undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
    wake?.();
  });
  child.on('exit', () => wake?.());
  return async (octets, code) => {
    child.stdin.write(octets);
    for (;;) {
      const whole = /^(?:\d{3}-[^\n]*\n)*(\d{3})(?: [^\n]*)?\n/.exec(heard);
      if (whole) {
        heard = heard.slice(whole[0].length);
        if (whole[1] !== String(code)) throw new Error(`expected ${code}, heard ${whole[0]}`);
        return;
      }
      if (child.exitCode !== null) throw new Error(`openssl ended; heard ${heard}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${said}`);
}

/** Whether a program is there to be asked. */
export function installed(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

/** The clients, and whether each is on this machine. */
export const clients: readonly { readonly client: MailClient; readonly here: boolean }[] = [
  { client: nodemailer, here: true },
  { client: smtplib, here: installed('python3', '--version') },
  { client: curl, here: installed('curl', '--version') },
  { client: openssl, here: installed('openssl', 'version') },
];
