import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { ArcResult, DkimResults, DmarcResult, Dns, type Dmarc } from '@maitred/authentication-results';
import { createServer } from '@maitred/core';
import { arc } from '@maitred/plugin-arc';
import { dkim } from '@maitred/plugin-dkim';
import { spf } from '@maitred/plugin-spf';
import { fakeDns, inMemory, type Zone } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { dmarc, type DmarcOptions } from '../src/index.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const key = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
const zone: Zone = {
  '_dmarc.bank.example': { TXT: ['v=DMARC1; p=reject'] },
  'bank.example': { TXT: ['v=spf1 ip4:192.0.2.0/24 -all'] },
  's._domainkey.bank.example': { TXT: [`v=DKIM1; k=ed25519; p=${key}`] },
};

/** A letter that this domain signed. */
function letter(domain = 'bank.example'): string {
  const [from, body] = ['From: ceo@bank.example', 'It is well.\r\n'];
  const bh = createHash('sha256').update(body).digest('base64');
  const tags = `DKIM-Signature: v=1; a=ed25519-sha256; d=${domain}; s=s; h=from; bh=${bh}; b=`;
  const signed = createHash('sha256').update(`${from}\r\n${tags}`).digest();
  return `${tags}${sign(null, signed, privateKey).toString('base64')}\r\n${from}\r\n\r\n${body}`;
}

interface Answer {
  readonly code: number;
  readonly found: Dmarc | undefined;
  readonly dkim: readonly string[] | undefined;
  readonly arc: string | undefined;
}

async function deliver(content: string, address: string, options: DmarcOptions = {}): Promise<Answer> {
  let kept: Omit<Answer, 'code'> | undefined;
  const server = createServer({ hostname: 'mx.example' })
    .override(Dns, fakeDns(zone))
    .use(spf(), dkim(), arc(), dmarc({ policy: 'enforce', ...options }))
    .accept(() => true)
    .deliver((message) => {
      const [found, dkim, chain] = [message.get(DmarcResult), message.get(DkimResults), message.get(ArcResult)];
      kept = { found, dkim: dkim?.map(({ result }) => result), arc: chain?.result };
    });
  await using _ = server;
  const client = await inMemory.open(server, { remote: { address, port: 1 } });
  await client.hello();
  const { code } = await client.mail({ from: 'ceo@bank.example', content });
  return { code, found: undefined, dkim: undefined, arc: undefined, ...kept };
}

const [bank, stranger] = ['192.0.2.9', '198.51.100.1'];
const long = `X: ${'x'.repeat(60_000)}\r\n`.repeat(2);
const many = 'X: x\r\n'.repeat(501);

describe('a message to three hundred people', () => {
  it('passes as any other', async () => {
    const people = Array.from({ length: 300 }, (_, at) => `"Person ${at} of many" <person${at}@example.org>`);
    const to = `To: ${people.join(',\r\n\t')}\r\n`;
    expect(to.length).toBeGreaterThan(8192);
    expect(await deliver(to + letter(), stranger)).toMatchObject({
      code: 250,
      dkim: ['pass'],
      found: { result: 'pass' },
    });
  });
});

describe.each([
  ['too long', long],
  ['of too many fields', many],
])('a header that is %s', (_, padding) => {
  it('has no pass by a signature, so that what asks for it is refused', async () => {
    expect(await deliver(letter(), stranger)).toMatchObject({ code: 250, dkim: ['pass'] });
    expect(await deliver(padding + letter(), stranger)).toMatchObject({ code: 550 });
    const { code, found, dkim, arc } = await deliver(padding + letter(), stranger, { policy: 'report' });
    expect(code).toBe(250);
    expect(found).toMatchObject({ result: 'fail', domain: 'bank.example', policy: 'reject' });
    expect([dkim, arc]).toEqual([['policy'], 'none']);
  });

  it('passes by SPF: who the author is, is known', async () => {
    expect(await deliver(padding + letter(), bank)).toMatchObject({
      code: 250,
      dkim: ['policy'],
      found: { result: 'pass', aligned: { spf: 'bank.example' } },
    });
  });

  it.each([
    ['behind it', `${padding}From: ceo@bank.example\r\n\r\n`],
    ['folded from its colon', `${padding}FROM \r\n : ceo@bank.example\r\n\r\n`],
    ['behind another author', `From: a@evil.example\r\n${padding}From: ceo@bank.example\r\n\r\n`],
    ['in front of another author', `From: ceo@bank.example\r\n${padding}From: a@evil.example\r\n\r\n`],
    ['among too many', `From: a@evil.example\r\n${'DKIM-Signature: a\r\n'.repeat(501)}From: ceo@bank.example\r\n\r\n`],
    ['behind too many of what counts', `${'ARC-Seal: a\r\n'.repeat(501)}From: ceo@bank.example\r\n\r\n`],
    ['in a field too long to be read', `From: ${'"a" <ceo@bank.example>,\r\n '.repeat(400)}a@bank.example\r\n\r\n`],
    ['in such a field, behind it', `${padding}From: ${' \r\n '.repeat(3000)}ceo@bank.example\r\n\r\n`],
  ])('hides no author from a policy of reject: %s', async (_, content) => {
    expect(await deliver(content, stranger)).toMatchObject({ code: 550 });
    expect(await deliver(letter().replace(/From:[^]*/, '') + content, stranger)).toMatchObject({ code: 550 });
  });
});
