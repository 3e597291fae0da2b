import { Buffer } from 'node:buffer';
import { generateKeyPairSync } from 'node:crypto';
import { dns, hashMessage } from '@maitred/authentication-results';
import { loadArc, loadVerifier } from '@maitred/authentication-results/mailauth';
import { Clock, Log } from '@maitred/core';
import { fc } from '@fast-check/vitest';
import { fakeClock, fakeDns, inMemory, memoryLog, ways, type Zone } from '@maitred/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { seal } from '../src/seal.ts';
import { pair, type Pair } from './keys.ts';
import { receiver, type Kept, type Receiver } from './receiver.ts';

const letter = 'From: Ann <ann@author.example>\r\nTo: list@lists.example\r\nSubject: hello\r\n\r\nHello.\r\n';
const one = pair('one.example');
const two = pair('two.example');
const zone: Zone = { ...one.zone, ...two.zone };

/** The message with one set more. */
async function sealed(message: string, { key }: Pair, chain: 'none' | 'pass'): Promise<string> {
  const hashed = await hashMessage(Buffer.from(message));
  const set = await seal(await loadArc(), hashed, { key, chain, payload: `${key.domain}; spf=pass`, now: 1e12 });
  return `${set?.header}${message}`;
}

let chain = '';
beforeAll(async () => {
  chain = await sealed(await sealed(letter, one, 'none'), two, 'pass');
});

async function send(to: Receiver, content: string): Promise<Kept | undefined> {
  const client = await inMemory.open(to.server);
  await client.hello();
  expect(await client.mail({ content })).toMatchObject({ code: 250 });
  client.destroy();
  return to.kept.at(-1);
}

/** The whole field with this name and instance. */
const field = (name: string, i: number): RegExp => new RegExp(String.raw`^${name}: i=${i};.*\r\n(?:[ \t].*\r\n)*`, 'm');

describe('a chain', () => {
  const to = receiver({ zone });
  afterAll(() => to.server.close());

  it('passes as it is', async () => {
    expect((await send(to, chain))?.arc).toMatchObject({ result: 'pass', comment: 'i=2' });
  });

  it.each<[string, (text: string) => string]>([
    ['a gap', (text) => text.replaceAll(/^(ARC-[\w-]+: i=)2/gm, '$13')],
    ['no first set', (text) => text.replaceAll(/^(ARC-[\w-]+: i=)1/gm, '$13')],
    ['a set twice', (text) => `${field('ARC-Seal', 1).exec(text)?.[0]}${text}`],
    ['a message signature twice', (text) => `${field('ARC-Message-Signature', 2).exec(text)?.[0]}${text}`],
    ['results twice', (text) => `ARC-Authentication-Results: i=2; a; none\r\n${text}`],
    ['no seal', (text) => text.replace(field('ARC-Seal', 2), '')],
    ['no message signature', (text) => text.replace(field('ARC-Message-Signature', 1), '')],
    ['no results', (text) => text.replace(field('ARC-Authentication-Results', 1), '')],
    ['instance 0', (text) => text.replaceAll(/^(ARC-[\w-]+: i=)1/gm, '$10')],
    ['instance 51', (text) => text.replaceAll(/^(ARC-[\w-]+: i=)2/gm, '$151')],
    ['instance 2147483649', (text) => text.replaceAll(/^(ARC-[\w-]+: i=)2/gm, '$12147483649')],
    ['instance -1', (text) => text.replaceAll(/^(ARC-[\w-]+: i=)1/gm, '$1-1')],
    ['instance two', (text) => text.replaceAll(/^(ARC-[\w-]+: i=)2/gm, '$1two')],
    ['no instance', (text) => `ARC-Seal: a=rsa-sha256; cv=none; d=a.example; s=a; b=\r\n${text}`],
    ['an empty seal', (text) => `ARC-Seal:\r\n${text}`],
    ['a tag twice', (text) => text.replace(/^(ARC-Seal: i=2; )/m, '$1s=arc; ')],
    ['a tag in capitals', (text) => text.replace(/^(ARC-Seal: i=2; )a=/m, '$1A=')],
    ['no domain', (text) => text.replace(/^(ARC-Seal: i=2; [^]*?)d=[^;]*;/m, '$1')],
    ['a domain that is no name', (text) => text.replace(/^(ARC-Seal: i=2; [^]*?d=)[^;]*;/m, '$1a..b/c%2e;')],
    ['a domain of 4 KiB', (text) => text.replace(/^(ARC-Seal: i=2; [^]*?d=)[^;]*;/m, `$1${'a.'.repeat(2048)}b;`)],
    ['a seal with h=', (text) => text.replace(/^(ARC-Seal: i=2; )/m, '$1h=from; ')],
    ['a seal of sha1', (text) => text.replace(/^(ARC-Seal: i=2; a=)rsa-sha256/m, '$1rsa-sha1')],
    ['an unknown state', (text) => text.replace(/^(ARC-Seal: i=2; [^]*?cv=)pass/m, '$1maybe')],
    [
      'a signature that is no base64',
      (text) => text.replace(/^(ARC-Seal: i=2; [^]*? b=)[^;]*?\r\n(?=ARC)/m, '$1*!\r\n'),
    ],
    [
      'a thousand signed fields',
      (text) => text.replace(/^(ARC-Message-Signature: i=2; [^]*?h=)/m, `$1${'x:'.repeat(1000)}`),
    ],
    ['an expired message signature', (text) => text.replace(/^(ARC-Message-Signature: i=2; )/m, '$1x=1; ')],
  ])('with %s fails', async (_, change) => {
    const changed = change(chain);
    expect(changed).not.toBe(chain);
    const kept = await send(to, changed);
    expect(kept?.arc).toMatchObject({ result: 'fail', trusted: [], comment: expect.stringMatching(/./) as string });
    expect(String(kept?.content).endsWith(changed)).toBe(true);
  });

  it('of hundreds of sets fails, and asks the DNS nothing', async () => {
    const questions = to.dns.questions.length;
    const sets = Array.from({ length: 160 }, (_, n) => {
      const i = n + 1;
      const seal = `ARC-Seal: i=${i}; a=rsa-sha256; cv=${i === 1 ? 'none' : 'pass'}; d=d${i}.example; s=s; b=AA==\r\n`;
      const signature = `ARC-Message-Signature: i=${i}; a=rsa-sha256; d=d${i}.example; s=s; h=from; bh=AA==; b=AA==\r\n`;
      return `${seal}${signature}ARC-Authentication-Results: i=${i}; a; none\r\n`;
    });
    expect((await send(to, sets.join('') + letter))?.arc).toMatchObject({ result: 'fail', sets: [] });
    expect(to.dns.questions.length).toBe(questions);
  });

  it('is what mailauth says it is, whatever became of one of its octets', { timeout: 60_000 }, async () => {
    const [Verifier, mailauth] = await Promise.all([loadVerifier(), loadArc()]);
    const resolver = fakeDns(zone).within(new AbortController().signal);
    const headerEnd = chain.indexOf('\r\nFrom:');
    const places = fc.integer({ min: 0, max: headerEnd - 1 });
    const octets = fc.constantFrom(...Array.from(' \t;:=.a1A(")/\\-,+\0\x7f'));
    const results = new Set<string | undefined>();
    await fc.assert(
      fc.asyncProperty(places, octets, async (at, octet) => {
        fc.pre(!'\r\n'.includes(chain.charAt(at)) && chain.charAt(at - 1) !== '\n');
        const changed = chain.slice(0, at) + octet + chain.slice(at + 1);
        const verifier = new Verifier({ resolver, strict: true, minBitLength: 1024 });
        await new Promise((resolve, reject) =>
          verifier.on('error', reject).end(Buffer.from(changed), resolve as () => void),
        );
        const expected = await mailauth.validate(verifier.arc, { resolver, strict: true, minBitLength: 1024 });
        const found = (await send(to, changed))?.arc?.result;
        expect(found).toBe(expected.status.result);
        results.add(found);
      }),
      { numRuns: 400 },
    );
    expect(results).toContain('fail');
  });
});

describe('a key', () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 512 });
  const short = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const name = 'arc._domainkey.two.example';

  it.each<[string, Zone[string] | undefined]>([
    ['is not there', undefined],
    ['times out', 'timeout'],
    ['is refused', 'refused'],
    ['comes as garbage', 'garbage'],
    ['is no key', { TXT: ['v=DKIM1; p=nonsense'] }],
    ['is empty', { TXT: [] }],
    ['was revoked', { TXT: ['v=DKIM1; p='] }],
    ['is of 512 bits', { TXT: [`v=DKIM1; k=rsa; p=${short}`] }],
    ['is of another kind', pair('two.example', 'ed25519').zone[name]],
    ['is another', pair('two.example').zone[name]],
    ['is a megabyte', { TXT: [`v=DKIM1; p=${'A'.repeat(2 ** 20)}`] }],
    ['is of no e-mail', { TXT: [`v=DKIM1; s=tlsrpt; ${String((two.zone[name] as { TXT: string[] }).TXT[0])}`] }],
  ])('that %s fails the chain', async (_, record) => {
    const to = receiver({ zone });
    to.dns.set(name, record);
    expect((await send(to, chain))?.arc).toMatchObject({
      result: 'fail',
      comment: expect.stringMatching(/./) as string,
      resinfo: [{ method: 'arc', result: 'fail' }],
    });
    await to.server.close();
  });

  it('that never comes fails the chain when the time for it is over', async () => {
    const clock = fakeClock();
    const asked = fakeDns({ ...zone, [name]: 'never' });
    const to = receiver({ dns: dns({ resolve: asked.resolve }) });
    to.server.override(Clock, clock);
    const client = await inMemory.open(to.server);
    await client.hello();
    const reply = client.mail({ content: chain });
    await vi.waitFor(() => expect(asked.pending).toBe(1));
    await clock.advance(20_000);
    expect(await reply).toMatchObject({ code: 250 });
    expect(to.kept[0]?.arc).toMatchObject({ result: 'fail', comment: 'a key could not be fetched' });
    client.destroy();
    await to.server.close();
  });
});

describe.each(ways)('a client that vanishes, $name', ({ open }) => {
  it('leaves nothing that waits for a key', async () => {
    const log = memoryLog();
    const to = receiver({ zone: { ...zone, 'arc._domainkey.two.example': 'never' } });
    to.server.override(Log, log);
    const client = await open(to.server);
    await client.hello();
    const reply = client.mail({ content: chain }).catch(() => 'gone');
    await vi.waitFor(() => expect(to.dns.pending).toBe(1));
    client.destroy();
    expect(await reply).toBe('gone');
    await vi.waitFor(() => expect(to.dns.pending).toBe(0));
    expect(log.records).toEqual([]);
    await to.server.close();
    expect(to.kept).toEqual([]);
  });

  it('leaves nothing of content that was never whole', async () => {
    const to = receiver({ zone });
    const client = await open(to.server);
    await client.hello();
    for (const line of ['MAIL FROM:<>', 'RCPT TO:<a@b.example>', 'DATA']) await client.command(line);
    client.send(chain.slice(0, -20));
    client.destroy();
    await to.server.close();
    expect(to.dns.questions).toEqual([]);
    expect(to.kept).toEqual([]);
  });
});

describe('a header over the limits', () => {
  const field = `ARC-Seal: i=3; b=${'A\r\n '.repeat(3000)}\r\n`;
  const section = 'header section over 65536 octets';

  it.each([
    ['a set is too long', field, 'arc-seal over 8192 octets'],
    ['it has too many fields', 'A: b\r\n'.repeat(501), 'more than 500 header fields'],
    ['it is too long', `A: ${'b'.repeat(60_000)}\r\n`.repeat(2), section],
  ])('has no chain that passes: %s', async (_, header, comment) => {
    const to = receiver({ zone });
    const found = await send(to, header + chain);
    expect(found?.arc).toMatchObject({ result: 'fail', comment, sets: [], trusted: [] });
    expect(to.dns.questions).toEqual([]);
    await to.server.close();
  });

  it('has no chain where there is none', async () => {
    const to = receiver({ zone });
    expect((await send(to, `A: ${'b'.repeat(60_000)}\r\n`.repeat(2) + letter))?.arc).toMatchObject({ result: 'none' });
    await to.server.close();
  });

  it.each([
    ['its sets are too long', field],
    ['it has too many fields', 'ARC-Seal: i=1\r\n'.repeat(501)],
    ['it is too long', `ARC-Seal: i=1; b=${'A'.repeat(8000)}\r\n`.repeat(9)],
  ])('is refused, if that is asked for: %s', async (_, header) => {
    const to = receiver({ zone, overLimit: 'refuse' });
    const client = await inMemory.open(to.server);
    await client.hello();
    expect(await client.mail({ content: header + letter })).toMatchObject({ code: 552 });
    client.destroy();
    await to.server.close();
    expect(to.kept).toEqual([]);
  });
});
