import { certificates, starttls } from '@maitred/plugin-starttls';
import { createTransport } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import { expected, run } from '../../../tools/programs.ts';
import { receiver, tls, type Receiver } from './receiver.ts';

interface Listening extends Receiver {
  readonly plain: number;
  readonly implicit: number;
}

async function listening(): Promise<Listening> {
  const it = receiver({ honours: ({ recipient }) => recipient.path.local !== 'far' });
  it.server.use(starttls({ certificates: await certificates({ default: tls }) }));
  const host = '127.0.0.1';
  const [plain, implicit] = await it.server.listen({ host }, { host, tls });
  return { ...it, plain: plain?.port ?? 0, implicit: implicit?.port ?? 0 };
}

const message = {
  from: 'a@client.example',
  to: 'b@mx.example',
  subject: 'hello',
  text: 'Hello.',
  requireTLSExtensionEnabled: true,
};

describe('nodemailer', () => {
  it.each(['STARTTLS', 'implicit TLS'])('requires TLS on the rest of the way, over %s', async (how) => {
    await using it = await listening();
    const secure = how === 'implicit TLS';
    const client = createTransport({
      host: '127.0.0.1',
      port: secure ? it.implicit : it.plain,
      secure,
      requireTLS: !secure,
      tls: { rejectUnauthorized: false },
    });
    expect((await client.sendMail(message)).response).toMatch(/^250 /);
    await expect(client.sendMail({ ...message, to: 'far@mx.example' })).rejects.toThrow('REQUIRETLS support required');
    await client.sendMail({ ...message, requireTLSExtensionEnabled: false, headers: { 'TLS-Required': 'No' } });
    expect(it.kept).toEqual([true, false]);
    client.close();
  });

  it('finds no REQUIRETLS in plaintext', async () => {
    await using it = await listening();
    const client = createTransport({ host: '127.0.0.1', port: it.plain, ignoreTLS: true });
    await expect(client.sendMail(message)).rejects.toMatchObject({ code: 'EREQUIRETLS' });
    client.close();
  });
});

const python = `
import smtplib, ssl, sys
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
s = smtplib.SMTP('127.0.0.1', int(sys.argv[1]), local_hostname='client.example', timeout=10)
s.ehlo()
assert not s.has_extn('requiretls')
s.starttls(context=context)
s.ehlo()
assert s.has_extn('requiretls')
s.sendmail('a@client.example', ['b@mx.example'], 'Subject: hello', mail_options=['REQUIRETLS'])
s.quit()
`;

describe("Python's smtplib", () => {
  it.skipIf(!expected('python3', '-c', 'import smtplib, ssl'))(
    'is offered it after STARTTLS, and uses it (needs python3)',
    async () => {
      await using it = await listening();
      expect(await run('python3', ['-c', python, String(it.plain)])).toBe('');
      expect(it.kept).toEqual([true]);
    },
  );
});
