import { Clock, Log } from '@maitred/core';
import { fakeClock, inMemory, memoryLog, octetByOctet, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { keyName, knowing, receiver, take, type Receiver, type ReceiverOptions } from '../test/receiver.ts';
import { ed25519Key, plain, rsaKey, signed, type Tags, type TestKey } from '../test/signer.ts';
import { dkim } from './index.ts';

const rsa = rsaKey(1024);
const ed25519 = ed25519Key();

describe.each(ways)('a message, $name', ({ open }) => {
  it.each([
    ['rsa-sha256', rsa],
    ['ed25519-sha256', ed25519],
  ] as const)('passes with a signature by %s that verifies', async (algorithm, key) => {
    await using r = knowing(key.record);
    expect(await take(open, r, signed(plain, key, { algorithm }))).toBe(250);
    expect(r.found).toEqual([
      [
        {
          result: 'pass',
          domain: 'example.org',
          selector: 's',
          algorithm,
          identity: '@example.org',
          counts: true,
          uncovered: 0,
          testing: false,
          future: false,
          resinfo: [
            {
              method: 'dkim',
              result: 'pass',
              properties: [
                { ptype: 'header', property: 'd', value: 'example.org' },
                { ptype: 'header', property: 'i', value: '@example.org' },
                { ptype: 'header', property: 's', value: 's' },
                { ptype: 'header', property: 'a', value: algorithm },
                { ptype: 'header', property: 'b', value: expect.stringMatching(/^.{8}$/) as string },
              ],
            },
          ],
        },
      ],
    ]);
  });

  it('fails when its body or a signed field was changed', async () => {
    await using r = knowing(rsa.record);
    const good = signed(plain, rsa);
    await take(open, r, good.replace('lost', 'won'));
    await take(open, r, good.replace('dinner', 'supper'));
    expect(r.found).toMatchObject([
      [{ result: 'fail', comment: 'body hash did not verify', counts: false }],
      [{ result: 'fail', comment: 'bad signature', counts: false }],
    ]);
  });

  it('has no results without a signature', async () => {
    await using r = knowing(rsa.record);
    expect(await take(open, r, plain)).toBe(250);
    expect(r.found).toEqual([[]]);
    expect(r.dns.questions).toEqual([]);
  });
});

const verify = async (content: string, record: string, options: ReceiverOptions = {}): Promise<Receiver> => {
  const r = knowing(record, options);
  const client = await octetByOctet.open(r.server);
  await client.hello();
  expect(await client.mail({ content })).toMatchObject({ code: 250 });
  await r.server.close();
  return r;
};

const resultOf = async (tags: Tags, key: TestKey = rsa, record = key.record): Promise<unknown> =>
  (await verify(signed(plain, key, tags), record)).found[0]?.[0];

describe('a signature', () => {
  it('does not count when its l= leaves octets uncovered (RFC 6376 8.2)', async () => {
    expect(await resultOf({ covered: 5 })).toMatchObject({
      result: 'pass',
      counts: false,
      uncovered: plain.length - plain.indexOf('Hi.') - 5,
      comment: `${plain.length - plain.indexOf('Hi.') - 5} octets not covered by l=`,
    });
  });

  it('counts when its l= covers all there is, and what is appended does not', async () => {
    const all = plain.length - plain.indexOf('Hi.');
    expect(await resultOf({ covered: all })).toMatchObject({ result: 'pass', counts: true, uncovered: 0 });
    const { found } = await verify(`${signed(plain, rsa, { covered: all })}more\r\n`, rsa.record);
    expect(found).toMatchObject([[{ result: 'pass', counts: false, uncovered: 6 }]]);
  });

  it('is told to lie in the future', async () => {
    const t = Math.floor(Date.now() / 1000);
    expect(await resultOf({ more: `t=${t + 3600}` })).toMatchObject({
      result: 'pass',
      future: true,
      comment: 'signed in the future',
    });
    expect(await resultOf({ more: `t=${t + 60}` })).toMatchObject({ result: 'pass', future: false });
  });

  it('is held against the clock of the server, and the skew that it was given', async () => {
    const content = signed(plain, rsa, { more: 't=1767225601' });
    for (const [skew, future] of [
      [0, true],
      [1000, false],
    ] as const) {
      await using r = knowing(rsa.record, { skew });
      r.server.override(Clock, fakeClock(1_767_225_600_000));
      const client = await octetByOctet.open(r.server);
      await client.hello();
      await client.mail({ content });
      expect(r.found).toMatchObject([[{ result: 'pass', future }]]);
    }
  });

  it('is neutral once it expired', async () => {
    expect(await resultOf({ more: 't=1; x=2' })).toMatchObject({
      result: 'neutral',
      comment: 'expired',
      counts: false,
    });
  });

  it('is told to be by a key under test', async () => {
    const record = rsa.record.replace('v=DKIM1;', 'v=DKIM1; t=y;');
    expect(await resultOf({}, rsa, record)).toMatchObject({ result: 'pass', testing: true, comment: 'testing key' });
  });

  it('fails by an RSA key below 1,024 bits (RFC 8301 3.2)', async () => {
    const weak = rsaKey(1016);
    expect(await resultOf({}, weak)).toMatchObject({
      result: 'fail',
      comment: 'RSA key too short',
      counts: false,
      resinfo: [
        {
          result: 'fail',
          properties: expect.arrayContaining([
            { ptype: 'policy', property: 'dkim-rules', value: 'weak-key' },
          ]) as unknown,
        },
      ],
    });
  });

  it('fails by an RSA key below what it was asked to have', async () => {
    const { found } = await verify(signed(plain, rsa), rsa.record, { minBitLength: 2048 });
    expect(found).toMatchObject([[{ result: 'fail', comment: 'RSA key too short' }]]);
  });

  it('fails by rsa-sha1 (RFC 8301 3.1), whose key nobody asks for', async () => {
    const { found, dns } = await verify(signed(plain, rsa, { algorithm: 'rsa-sha1' }), rsa.record);
    expect(found).toMatchObject([[{ result: 'fail', comment: 'rsa-sha1', counts: false }]]);
    expect(dns.questions).toEqual([]);
  });

  it('is neutral without From among what it covers', async () => {
    expect(await resultOf({ fields: ['subject'] })).toMatchObject({
      result: 'neutral',
      comment: 'From field not signed',
    });
  });

  it.each([
    ['timeout', 'temperror', 'DNS failure: ETIMEOUT'],
    ['servfail', 'temperror', 'DNS failure: ESERVFAIL'],
    ['garbage', 'temperror', 'DNS failure: EBADRESP'],
    [{ TXT: [] }, 'neutral', 'no key'],
    [{ TXT: ['v=DKIM1; p='] }, 'neutral', 'invalid public key'],
    [{ TXT: ['v=DKIM1; p=%%%'] }, 'neutral', 'invalid public key'],
    [{ TXT: ['\0\xff'] }, 'neutral', 'invalid public key'],
  ] as const)('whose key is %j has the result %s', async (entry, result, comment) => {
    const { found } = await verify(signed(plain, rsa), '', { zone: { [keyName]: entry } });
    expect(found).toMatchObject([[{ result, comment, counts: false }]]);
  });

  it('beyond the eighth is not examined, but counted', async () => {
    const nine = 'abcdefghi'.split('').reduce((message, selector) => signed(message, rsa, { selector }), plain);
    const zone = Object.fromEntries(
      'abcdefghi'.split('').map((s) => [`${s}._domainkey.example.org`, { TXT: [rsa.record] }]),
    );
    const { found, dns } = await verify(nine, '', { zone });
    expect(found[0]?.map(({ selector, result }) => `${selector} ${result}`)).toEqual([
      ...'ihgfedcb'.split('').map((selector) => `${selector} pass`),
      ' policy',
    ]);
    expect(found[0]?.at(-1)).toMatchObject({ comment: '1 more signature not examined', counts: false });
    expect(dns.questions.map(({ name }) => name[0])).toEqual('ihgfedcb'.split(''));
  });

  it('is one of as many as are to be examined', async () => {
    const { found } = await verify(signed(signed(signed(plain, rsa), rsa), rsa), rsa.record, {
      limits: { signatures: 1 },
    });
    expect(found).toMatchObject([
      [{ result: 'pass' }, { result: 'policy', comment: '2 more signatures not examined' }],
    ]);
  });

  it('with too many names in h= is not processed', async () => {
    const fields = ['from', 'subject', 'a'];
    const { found, dns } = await verify(signed(plain, rsa, { fields }), rsa.record, { limits: { signedFields: 2 } });
    expect(found).toMatchObject([[{ result: 'policy', comment: 'too many signed fields' }]]);
    expect(dns.questions).toEqual([]);
    expect(
      (await verify(signed(plain, rsa, { fields }), rsa.record, { limits: { signedFields: 3 } })).found,
    ).toMatchObject([[{ result: 'pass' }]]);
  });
});

describe('keys', () => {
  it('are asked for all at once, while the body is still to come, and once each', async () => {
    const other = 'z._domainkey.example.org';
    await using r = knowing(rsa.record, { zone: { [keyName]: { TXT: [rsa.record] }, [other]: 'never' } });
    const client = await octetByOctet.open(r.server);
    await client.hello();
    for (const line of ['MAIL FROM:<a@b>', 'RCPT TO:<c@d>', 'DATA']) await client.command(line);
    const content = signed(signed(signed(plain, rsa), rsa), rsa, { selector: 'z' });
    const end = content.indexOf('\r\n\r\n') + 4;
    client.send(content.slice(0, end));
    await expect.poll(() => r.dns.questions.map(({ name }) => name)).toEqual([other, keyName]);
    expect(r.dns.pending).toBe(1);
    client.destroy();
    await expect.poll(() => r.dns.pending).toBe(0);
    expect(r.found).toEqual([]);
  });
});

describe('a client that vanishes', () => {
  it('while its message waits for a key leaves nothing pending, and nobody to blame', async () => {
    const log = memoryLog();
    await using r = receiver({ zone: { [keyName]: 'never' } });
    r.server.override(Log, log);
    const client = await inMemory.open(r.server);
    await client.hello();
    for (const line of ['MAIL FROM:<a@b>', 'RCPT TO:<c@d>', 'DATA']) await client.command(line);
    client.send(`${signed(plain, rsa)}.\r\n`);
    await expect.poll(() => r.dns.pending).toBe(1);
    client.destroy();
    await expect.poll(() => r.dns.pending).toBe(0);
    expect(r.found).toEqual([]);
    expect(log.records.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
  });
});

describe('the plugin', () => {
  it('looks at no message that it is told not to', async () => {
    await using r = knowing(rsa.record, { when: (transaction) => transaction.sender.domain !== 'b' });
    const client = await octetByOctet.open(r.server);
    await client.hello();
    await client.mail({ from: 'a@b', content: signed(plain, rsa) });
    await client.mail({ from: 'a@c', content: signed(plain, rsa) });
    expect(r.found).toMatchObject([undefined, [{ result: 'pass' }]]);
    expect(r.dns.questions).toHaveLength(1);
  });

  it('names the DNS when nobody brings it', async () => {
    const { createServer } = await import('@maitred/core');
    expect(() => createServer({ hostname: 'mx.example' }).use(dkim()).describe()).toThrow(/dkim needs dns/);
  });

  it.each([
    [{ skew: -1 }, /skew/],
    [{ skew: Number.NaN }, /skew/],
  ])('throws for %j', (options, message) => {
    expect(() => dkim(options)).toThrow(message);
  });

  it.each([
    [{ minBitLength: 1023 }, /minBitLength/],
    [{ limits: { fields: 0 } }, /fields/],
    [{ limits: { turn: 0.5 } }, /turn/],
  ])('does not start with %j', async (options, message) => {
    await using r = knowing(rsa.record, options);
    await expect(r.server.start()).rejects.toMatchObject({
      cause: { message: expect.stringMatching(message) as string },
    });
  });
});
