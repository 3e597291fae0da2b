import { setTimeout as wait } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import { canRunPostfix, startPostfix } from './postfix.ts';
import { installed, run } from '../../../tools/programs.ts';
import { receiver, type Receiver } from './receiver.ts';

async function portOf({ server }: Receiver): Promise<number> {
  const [at] = await server.listen({ host: '127.0.0.1' });
  return at?.port ?? 0;
}

/** Until that many messages were kept: what sends them has its own queue. */
async function kept(r: Receiver, count: number): Promise<void> {
  for (let tries = 0; tries < 1000 && r.asked.length < count; tries += 1) await wait(20);
}

const message = 'Subject: hello\n\nHello.\n';

describe.skipIf(!canRunPostfix)('Postfix (skipped where it is not installed, or can not be started)', () => {
  it('asks through sendmail and its queue for what its user asked for', { timeout: 60_000 }, async () => {
    await using r = receiver();
    await using postfix = await startPostfix(await portOf(r));
    const from = ['-f', 'ann@client.example'];
    const all = ['-N', 'success,delay', '-R', 'hdrs', '-V', 'QQ 314+15=9'];
    await postfix.sendmail([...from, ...all, 'bob+tag@server.example'], message);
    await kept(r, 1);
    await postfix.sendmail([...from, '-N', 'never', '-R', 'full', 'jörg+tag@server.example'], message);
    await kept(r, 2);
    await postfix.sendmail([...from, 'bob@server.example'], message);
    await kept(r, 3);
    expect(r.asked).toEqual([
      {
        mail: ['RET=HDRS', 'ENVID=QQ+20314+2B15+3D9'],
        rcpt: [['NOTIFY=SUCCESS,DELAY', 'ORCPT=rfc822;bob+2Btag@server.example']],
      },
      { mail: ['RET=FULL'], rcpt: [['NOTIFY=NEVER', expect.stringMatching(/^ORCPT=utf-8;j/)]] },
      { mail: [], rcpt: [['ORCPT=rfc822;bob@server.example']] },
    ]);
  });
});

describe.skipIf(!installed('swaks', '--version'))('swaks (skipped where it is not installed)', () => {
  it('asks', { timeout: 30_000 }, async () => {
    await using r = receiver();
    // It has no options for that: parameters come with the path, whose closing bracket ends the last of them.
    const server = ['--server', `127.0.0.1:${await portOf(r)}`, '--timeout', '20'];
    const from = ['--from', 'ann@client.example> RET=HDRS ENVID=<QQ+20314'];
    const to = ['--to', 'bob@server.example> NOTIFY=FAILURE ORCPT=rfc822;<bob@server.example'];
    await run('swaks', [...server, ...from, ...to]);
    expect(r.asked).toEqual([
      {
        mail: ['RET=HDRS', 'ENVID=<QQ+20314>'],
        rcpt: [['NOTIFY=FAILURE', 'ORCPT=rfc822;<bob@server.example>']],
      },
    ]);
  });
});

describe('nodemailer', () => {
  it('asks', async () => {
    await using r = receiver();
    const client = createTransport({ host: '127.0.0.1', port: await portOf(r), ignoreTLS: true });
    await client.sendMail({
      from: 'ann@client.example',
      to: ['bob@server.example', 'eve@server.example'],
      text: 'Hello.',
      dsn: { id: 'QQ 3+1', return: 'full', notify: ['success', 'failure'], recipient: 'rfc822;list@client.example' },
    });
    client.close();
    const each = ['NOTIFY=SUCCESS,FAILURE', 'ORCPT=rfc822;list@client.example'];
    expect(r.asked).toEqual([{ mail: ['RET=FULL', 'ENVID=QQ+203+2B1'], rcpt: [each, each] }]);
  });
});

const smtplib = `
import smtplib, sys
with smtplib.SMTP('127.0.0.1', int(sys.argv[1]), timeout=20) as client:
    client.ehlo()
    assert client.has_extn('dsn')
    client.sendmail('ann@client.example', ['bob@server.example'], 'Subject: hello\\r\\n\\r\\nHello.\\r\\n',
                    mail_options=['RET=HDRS', 'ENVID=QQ314159'],
                    rcpt_options=['NOTIFY=SUCCESS,DELAY', 'ORCPT=rfc822;bob@server.example'])
`;

describe.skipIf(!installed('python3', '--version'))('smtplib (skipped where Python is not installed)', () => {
  it('asks', { timeout: 30_000 }, async () => {
    await using r = receiver();
    await run('python3', ['-c', smtplib, String(await portOf(r))]);
    const rcpt = ['NOTIFY=SUCCESS,DELAY', 'ORCPT=rfc822;bob@server.example'];
    expect(r.asked).toEqual([{ mail: ['RET=HDRS', 'ENVID=QQ314159'], rcpt: [rcpt] }]);
  });
});
