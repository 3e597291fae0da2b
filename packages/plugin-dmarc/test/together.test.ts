import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { DmarcResult, Dns, type Dmarc } from '@maitred/authentication-results';
import { createServer, type Server } from '@maitred/core';
import { arc, arcSealer, ArcReceived, Sealer } from '@maitred/plugin-arc';
import { dkim } from '@maitred/plugin-dkim';
import { spf } from '@maitred/plugin-spf';
import { fakeDns, inMemory, type FakeDns, type Zone } from '@maitred/testing';
import { createTransport } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import { aggregateReport, dmarc, memoryReports, type DmarcOptions, type MemoryReports } from '../src/index.ts';
import { faultsOf } from './valid.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const record = `v=DKIM1; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;

const zone: Zone = {
  '_dmarc.bank.example': { TXT: ['v=DMARC1; p=reject; rua=mailto:dmarc@bank.example'] },
  'bank.example': { TXT: ['v=spf1 ip4:192.0.2.0/24 -all'] },
  's._domainkey.bank.example': { TXT: [record] },
  's._domainkey.list.example': { TXT: [record] },
};

interface Mx {
  readonly server: Server;
  readonly dns: FakeDns;
  readonly kept: { readonly found: Dmarc | undefined; readonly content: Buffer }[];
  readonly reports: MemoryReports;
}

/** A receiver that verifies all there is; `trusted` sealers may override. */
function mx(options: DmarcOptions = {}, trusted: readonly string[] = []): Mx {
  const dns = fakeDns(zone);
  const kept: Mx['kept'] = [];
  const reports = memoryReports({ since: 0 });
  const server = createServer({ hostname: 'mx.example' })
    .override(Dns, dns)
    .use(spf(), dkim(), arc({ trusted }), dmarc({ policy: 'enforce', reports, ...options }))
    .accept(() => true)
    .deliver(async (message) => {
      kept.push({ found: message.get(DmarcResult), content: await buffer(message.content.stream()) });
    });
  return { server, dns, kept, reports };
}

/** What nodemailer makes of a letter from the bank, signed by it or not. */
async function letter(signed: boolean): Promise<string> {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await transport.sendMail({
    from: 'The Bank <ceo@bank.example>',
    to: 'you@mx.example',
    subject: 'Your account',
    text: 'It is well.\n',
    ...(signed ? { dkim: { domainName: 'bank.example', keySelector: 's', privateKey: pem } } : {}),
  });
  return (message as Buffer).toString();
}

const deliver = async (
  to: Mx,
  content: string,
  address = '198.51.100.1',
  from = 'ceo@bank.example',
): Promise<number> => {
  const client = await inMemory.open(to.server, { remote: { address, port: 1 } });
  await client.hello();
  return (await client.mail({ from, content })).code;
};

describe('DMARC behind SPF, DKIM and ARC', () => {
  it('judges what nodemailer sends', async () => {
    const to = mx();
    expect(await deliver(to, await letter(true))).toBe(250);
    expect(await deliver(to, await letter(false), '192.0.2.9')).toBe(250);
    expect(await deliver(to, await letter(false))).toBe(550);
    expect(await deliver(to, (await letter(true)).replace('It is well', 'It is gone'))).toBe(550);
    expect(to.kept.map(({ found }) => [found?.result, found?.aligned])).toEqual([
      ['pass', { dkim: 'bank.example' }],
      ['pass', { spf: 'bank.example' }],
    ]);
    expect(to.dns.pending).toBe(0);
  });

  it('asks each thing once, whoever wants to know', async () => {
    const to = mx();
    await deliver(to, await letter(true));
    const asked = to.dns.questions.map(({ name, type }) => `${type} ${name}`).toSorted();
    expect(asked).toEqual([...new Set(asked)]);
  });

  it('defers where a key or SPF has no answer: nothing temporary is for good', async () => {
    const to = mx();
    to.dns.set('s._domainkey.bank.example', 'timeout');
    expect(await deliver(to, await letter(true))).toBe(451);
    expect(await deliver(to, await letter(true), '192.0.2.9')).toBe(250);
    to.dns.set('s._domainkey.bank.example', { TXT: [record] });
    to.dns.set('bank.example', 'servfail');
    expect(await deliver(to, await letter(false))).toBe(451);
    expect(await deliver(to, await letter(true))).toBe(250);
    to.dns.set('_dmarc.bank.example', 'timeout');
    expect(await deliver(to, await letter(false))).toBe(451);
  });

  it('counts no signature whose l= leaves text uncovered', async () => {
    const from = 'From: ceo@bank.example';
    const body = 'It is well.\r\n';
    const hash = createHash('sha256').update(body).digest('base64');
    const tags = `v=1; a=rsa-sha256; c=relaxed/simple; d=bank.example; s=s; h=from; l=${body.length}; bh=${hash}; b=`;
    const covered = `from:ceo@bank.example\r\ndkim-signature:${tags}`;
    const signed = `DKIM-Signature: ${tags}${sign('sha256', Buffer.from(covered), pem).toString('base64')}\r\n${from}\r\n`;
    const to = mx();
    expect(await deliver(to, `${signed}\r\n${body}`)).toBe(250);
    expect(await deliver(to, `${signed}\r\n${body}Send money.\r\n`)).toBe(550);
  });

  it('believes what a list changed and sealed, if the list is listed', async () => {
    const list = createServer({ hostname: 'list.example' });
    const sent: string[] = [];
    list
      .override(Dns, fakeDns(zone))
      .use(spf(), dkim(), arc(), dmarc())
      .use(
        arcSealer({
          authservId: 'list.example',
          domain: 'list.example',
          keys: [{ domain: 'list.example', selector: 's', privateKey: pem }],
        }),
      )
      .accept(() => true)
      .deliver(async (message) => {
        const content = (await buffer(message.content.stream())).toString();
        const changed = content.replace('Subject: Your account', 'Subject: [list] Your account');
        const sealed = await message.inject(Sealer).seal(Buffer.from(changed), message.need(ArcReceived));
        sent.push(`${sealed?.header}${changed}`);
      });
    const client = await inMemory.open(list, { remote: { address: '203.0.113.5', port: 1 } });
    await client.hello();
    await client.mail({ from: 'ceo@bank.example', content: await letter(true) });
    const [forwarded = ''] = sent;
    expect(forwarded).toContain('[list]');

    const [unlisted, listed] = [mx(), mx({}, ['list.example'])];
    expect(await deliver(unlisted, forwarded, '203.0.113.9', 'bounces@list.example')).toBe(550);
    expect(await deliver(listed, forwarded, '203.0.113.9', 'bounces@list.example')).toBe(250);
    expect(listed.kept).toMatchObject([{ found: { result: 'fail', disposition: 'none' } }]);
    // Who changes what was sealed has it refused, listed or not.
    const forged = forwarded.replace('It is well', 'It is gone');
    expect(await deliver(listed, forged, '203.0.113.9', 'bounces@list.example')).toBe(550);
    const [day] = listed.reports.take();
    const { xml } = await aggregateReport(day!, { orgName: 'mx', email: 'a@mx.example', receiver: 'mx.example' });
    expect(await faultsOf(xml)).toEqual([]);
    expect(xml).toContain('<comment>arc=pass as[1].d=list.example as[1].s=s</comment>');
  });
});
