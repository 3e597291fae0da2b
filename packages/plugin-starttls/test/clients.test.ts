import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { selfSigned } from '@maitred/testing';
import { createTransport } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import { expected } from '../../../tools/programs.ts';
import { certificates, requireTls, starttls } from '../src/index.ts';
import { door } from './handshake.ts';
import { receiver, type Receiver } from './receiver.ts';

const [mx, other] = [selfSigned('mx.example.org'), selfSigned('other.example.org')];
const certs = await certificates({ default: mx, names: { 'other.example.org': other } });

const openssl = 'openssl';

interface Listening extends Receiver {
  readonly plain: number;
  readonly implicit: number;
}

async function listening(): Promise<Listening> {
  const it = receiver();
  it.server.use(starttls({ certificates: certs }), requireTls());
  const host = '127.0.0.1';
  const [plain, implicit] = await it.server.listen({ host }, { host, tls: certs.settings });
  return { ...it, plain: plain?.port ?? 0, implicit: implicit?.port ?? 0 };
}

describe('nodemailer', () => {
  const message = { from: 'a@client.example', to: 'b@server.example', subject: 'hello', text: 'Hello.' };
  const tls = { rejectUnauthorized: false };

  it('sends by STARTTLS', async () => {
    await using it = await listening();
    const client = createTransport({ host: '127.0.0.1', port: it.plain, requireTLS: true, tls });
    expect((await client.sendMail(message)).response).toMatch(/^250 /);
    expect(it.kept[0]).toContain('with ESMTPS id');
  });

  it('sends by implicit TLS', async () => {
    await using it = await listening();
    const client = createTransport({ host: '127.0.0.1', port: it.implicit, secure: true, tls });
    expect((await client.sendMail(message)).response).toMatch(/^250 /);
    expect(it.kept[0]).toContain('with ESMTPS id');
  });

  it('is refused without TLS', async () => {
    await using it = await listening();
    const client = createTransport({ host: '127.0.0.1', port: it.plain, ignoreTLS: true });
    await expect(client.sendMail(message)).rejects.toThrow('530');
  });

  it('verifies the certificate that it asked for by name', async () => {
    await using it = await listening();
    const verified = { ca: other.cert, servername: 'other.example.org' };
    const client = createTransport({ host: '127.0.0.1', port: it.plain, requireTLS: true, tls: verified });
    expect((await client.sendMail(message)).response).toMatch(/^250 /);
  });
});

describe.skipIf(!expected('python3', '--version'))('smtplib', () => {
  const program = `
import smtplib, ssl, sys
port, implicit = int(sys.argv[1]), sys.argv[2] == 'implicit'
context = ssl._create_unverified_context()
if implicit:
    client = smtplib.SMTP_SSL('127.0.0.1', port, context=context, timeout=10)
else:
    client = smtplib.SMTP('127.0.0.1', port, timeout=10)
    client.ehlo()
    client.starttls(context=context)
client.ehlo()
print('again' if client.has_extn('starttls') else 'secure')
client.sendmail('a@client.example', ['b@server.example'], 'Subject: hello\\r\\n\\r\\nHello.\\r\\n')
print(client.quit()[0])
`;

  it.each(['plain', 'implicit'] as const)('sends over a listener that is %s', async (listener) => {
    await using it = await listening();
    const args = ['-c', program, String(it[listener]), listener];
    const { stdout } = await promisify(execFile)('python3', args);
    expect(stdout.split(/\s+/)).toEqual(['secure', '221', '']);
    expect(it.kept[0]).toContain('with ESMTPS id');
  });
});

/** Talks line by line as the server's replies come, and gives all that was printed. */
async function dialogue(args: readonly string[], lines: readonly string[]): Promise<string> {
  const client = spawn(openssl, ['s_client', '-crlf', '-ign_eof', ...args]);
  const left = [...lines];
  let printed = '';
  let last = 0;
  const heard = (chunk: Buffer): void => {
    printed += chunk.toString();
    const replies = printed.match(/^\d{3} [^\n]*\n/gm)?.length ?? 0;
    for (; last < replies; last += 1) client.stdin.write(`${left.shift() ?? 'QUIT'}\n`);
  };
  client.stdout.on('data', heard);
  client.stderr.on('data', heard);
  client.stdin.on('error', () => {});
  await new Promise((resolve) => client.once('close', resolve));
  return printed;
}

describe.skipIf(!expected(openssl, 'version'))('openssl s_client', () => {
  // It speaks EHLO itself before STARTTLS, and prints the last line of that reply. A line that begins with R is its own.
  const mail = [
    'EHLO client.example',
    'MAIL FROM:<a@client.example>',
    'rcpt to:<b@server.example>',
    'DATA',
    'Subject: hello\n\nHello.\n.',
  ];

  it('sends by STARTTLS', async () => {
    await using it = await listening();
    const printed = await dialogue(['-starttls', 'smtp', '-connect', `127.0.0.1:${it.plain}`], mail);
    expect(printed).toContain('CN = mx.example.org');
    expect(it.kept[0]).toMatch(/with ESMTPS id[^]*Hello\.\r\n$/);
  });

  it('sends by implicit TLS, under a name of its choice', async () => {
    await using it = await listening();
    const asked = ['-connect', `127.0.0.1:${it.implicit}`, '-servername', 'other.example.org', '-alpn', 'smtp'];
    const printed = await dialogue(asked, mail);
    expect(printed).toContain('CN = other.example.org');
    expect(printed).toContain('ALPN protocol: smtp');
    expect(it.kept).toHaveLength(1);
  });

  it('is refused with TLS 1.1, by an alert', async () => {
    await using it = await listening();
    const asked = ['-starttls', 'smtp', '-connect', `127.0.0.1:${it.plain}`, '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'];
    expect(await dialogue(asked, mail)).toMatch(/alert protocol version/);
    expect(it.kept).toEqual([]);
  });

  it.each(['-tls1_2', '-tls1_3'])('comes back to a full handshake: %s', async (version) => {
    await using it = await listening();
    const asked = ['-connect', `127.0.0.1:${it.implicit}`, version, '-reconnect'];
    const printed = await dialogue(asked, []);
    expect(printed).toContain('New, TLSv1');
    expect(printed).not.toContain('Reused, TLSv1');
  });

  it('makes an RSA certificate, which is served beside one of ECDSA', async () => {
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=rsa', '-keyout', '-', '-out', '-'];
    const { stdout } = await promisify(execFile)(openssl, request);
    const [key = '', cert = ''] = stdout.split(/(?<=-----END PRIVATE KEY-----)/);
    const both = await certificates({
      default: { key: [key, mx.key], cert: [cert, mx.cert] },
      names: { 'x.example': other },
    });
    await using at = await door(both.settings);
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      for (const servername of ['', 'unknown.example']) {
        const asked = { maxVersion, servername };
        const [one, theOther] = ['ecdsa_secp256r1_sha256', 'rsa_pss_rsae_sha256:RSA+SHA256'];
        expect(await at.shake({ ...asked, sigalgs: one })).toMatchObject({ subject: 'CN=mx.example.org' });
        expect(await at.shake({ ...asked, sigalgs: theOther })).toMatchObject({ subject: 'CN=rsa' });
      }
    }
  });
});
