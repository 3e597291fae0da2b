import { Buffer } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Clock, createServer, service, type Server } from '@maitred/core';
import { fakeClock, inMemory } from '@maitred/testing';
import { array, assert, asyncProperty, constantFrom, integer } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { python } from '../test/independent.ts';
import { receiver } from '../test/receiver.ts';
import { ed25519Key, plain, rsaKey, type TestKey } from '../test/signer.ts';
import { dkimSign, Signer, SigningKeys, type Signed, type SigningKey, type SignOptions } from './index.ts';

const rsa = rsaKey(2048);
const ed25519 = ed25519Key();
const keyOf = (selector: string, { pem }: TestKey, domain = 'example.org'): SigningKey => ({
  domain,
  selector,
  privateKey: pem,
});
const both = [keyOf('rsa', rsa), keyOf('ed25519', ed25519)];
const zone = {
  'rsa._domainkey.example.org': { TXT: [rsa.record] },
  'ed25519._domainkey.example.org': { TXT: [ed25519.record] },
};

async function signerOf(...given: Parameters<typeof dkimSign>): Promise<Signer> {
  let signer: Signer | undefined;
  const server = createServer({ hostname: 'out.example' })
    .override(Clock, fakeClock(Date.UTC(2026, 0)))
    .use(dkimSign(...given), {
      name: 'mailing list',
      requires: [Signer],
      setup: ({ inject }) => void (signer = inject(Signer)),
    });
  await server.start();
  await server.close();
  return signer!;
}

const sign = async (
  message: string,
  options: Partial<SignOptions> = {},
  keys: readonly SigningKey[] = both,
): Promise<Signed> =>
  (await signerOf({ keys })).sign(Buffer.from(message, 'latin1'), { domain: 'example.org', ...options });

async function verified(content: string): Promise<unknown> {
  await using r = receiver({ zone });
  r.server.override(Clock, fakeClock(Date.UTC(2026, 0, 2)));
  const client = await inMemory.open(r.server);
  await client.hello();
  expect(await client.mail({ content: Buffer.from(content, 'latin1') })).toMatchObject({ code: 250 });
  return r.found[0];
}

async function* broken(): AsyncGenerator<Buffer> {
  yield Buffer.from(plain);
  await nextTurn();
  throw new Error('the disk is gone');
}

describe('a signed message', () => {
  it('verifies here, by each of the keys', async () => {
    const { fields, header } = await sign(plain);
    expect(fields).toHaveLength(2);
    expect(header).toBe(fields.map((field) => `${field}\r\n`).join(''));
    expect(await verified(header + plain)).toMatchObject([
      { result: 'pass', algorithm: 'rsa-sha256', selector: 'rsa', identity: '@example.org', counts: true },
      { result: 'pass', algorithm: 'ed25519-sha256', selector: 'ed25519', counts: true },
    ]);
  });

  it.skipIf(python === undefined).each(['rsa', 'ed25519'] as const)(
    'verifies by dkimpy, with a key of %s (skipped where there is no python3-dkim)',
    async (selector) => {
      const { header } = await sign(
        plain,
        {},
        both.filter((key) => key.selector === selector),
      );
      const script = `
import dkim, sys
record = sys.argv[1].encode()
print(dkim.verify(sys.stdin.buffer.read(), dnsfunc=lambda name, timeout=5: record))`;
      const { stdout, stderr } = spawnSync(
        python!,
        ['-c', script, zone[`${selector}._domainkey.example.org`].TXT[0]!],
        {
          input: header + plain,
          encoding: 'latin1',
        },
      );
      expect(`${stdout}${stderr}`.trim()).toBe('True');
    },
  );

  it.each(['Example.ORG', 'example.org'])('finds the keys of a domain in any case: %s', async (domain) => {
    const { fields } = await sign(plain, { domain }, [keyOf('rsa', rsa, 'EXAMPLE.org')]);
    expect(fields).toHaveLength(1);
  });

  it('says who signed, and until when', async () => {
    const { header } = await sign(plain, { identity: 'list@lists.example.org', lifetime: 86_400_000 * 7 }, [both[0]!]);
    const unfolded = header.replace(/\r\n[ \t]+/g, ' ');
    expect(unfolded).toMatch(/^DKIM-Signature: v=1; a=rsa-sha256; c=relaxed\/relaxed; d=example.org; /);
    expect(unfolded).toMatch(/ i=list@lists\.example\.org;/);
    expect(unfolded).toMatch(/ t=1767225600; x=1767830400;/);
    expect(await verified(header + plain)).toMatchObject([{ result: 'pass', identity: 'list@lists.example.org' }]);
  });

  it('verifies whatever its body is, and however it is read', async () => {
    const signer = await signerOf({ keys: [both[1]!] });
    const bodies = array(constantFrom('a', ' ', '\t', '\r\n', '.', 'long '.repeat(300), '\xe9'), {
      maxLength: 30,
    });
    await assert(
      asyncProperty(bodies, integer({ min: 1, max: 700 }), async (pieces, size) => {
        const message = `From: a@example.org\r\nSubject: b\r\n\r\n${pieces.join('')}\r\n`;
        const octets = Buffer.from(message, 'latin1');
        const chunks = function* (): Generator<Buffer> {
          for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size);
        };
        const { header } = await signer.sign(Readable.from(chunks()), { domain: 'example.org' });
        expect(await verified(header + message)).toMatchObject([{ result: 'pass' }]);
      }),
      { numRuns: 40 },
    );
  });

  it('covers the fields that it is told to', async () => {
    const signer = await signerOf({ keys: [both[0]!], signedFields: ['from', 'x-list'] });
    const { header } = await signer.sign(Buffer.from(`X-List: a\r\n${plain}`), { domain: 'example.org' });
    expect(header.toLowerCase().replace(/\s/g, '')).toContain(';h=from:x-list;');
  });

  it('lets others have a turn while a large one is read', async () => {
    let turns = 0;
    const counter = { running: true };
    const counting = (async () => {
      while (counter.running) {
        await nextTurn();
        turns += 1;
      }
    })();
    await sign(`${plain}${'x'.repeat(12_000_000)}`, {}, [both[1]!]);
    counter.running = false;
    await counting;
    expect(turns).toBeGreaterThanOrEqual(5);
  });
});

describe('a message that can not be signed', () => {
  it.each([
    ['has no From', 'Subject: a\r\n\r\n', {}, both, /rsa: .*From/],
    ['is of a domain without keys', plain, { domain: 'example.com' }, both, /SigningKeys has none of example\.com/],
    ['is signed in the name of another', plain, { identity: 'a@example.com' }, both, /Identity domain/],
    ['has lines that end in LF', plain.replaceAll('\r\n', '\n'), {}, both, /CR LF/],
    ['has a header that never ends', 'a'.repeat(300_000), {}, both, /longer than 262144 octets/],
    ['has too many fields', 'a:b\r\n'.repeat(4096) + plain, {}, both, /more than 4096 header fields/],
    [
      'has a key that is none',
      plain,
      {},
      [{ domain: 'example.org', selector: 's', privateKey: 'x' }],
      /example\.org, selector s: /,
    ],
    ['has a weak key', plain, {}, [keyOf('s', rsaKey(1016))], /too short \(1016 bits/],
    ['is to live for no time', plain, { lifetime: 0 }, both, /lives for a second/],
    ['has a selector with a semicolon', plain, {}, [keyOf('s; x=y', rsa)], /Invalid s= value/],
  ] as const)('%s', async (_, message, options, keys, error) => {
    await expect(sign(message, options, keys)).rejects.toThrow(error);
  });

  it('has a stream that breaks', async () => {
    const signer = await signerOf({ keys: both });
    await expect(signer.sign(broken(), { domain: 'example.org' })).rejects.toThrow('the disk is gone');
  });
});

describe('signing keys', () => {
  it('may come from a service of the application', async () => {
    const asked: string[] = [];
    const keys: SigningKeys = {
      find: async (domain) => {
        asked.push(domain);
        await nextTurn();
        return both;
      },
    };
    let signer: Signer | undefined;
    const server: Server = createServer({ hostname: 'out.example' }).use(
      { name: 'vault', services: [service({ token: SigningKeys, create: () => keys })], provides: [SigningKeys] },
      dkimSign(),
      { name: 'mailing list', requires: [Signer], setup: ({ inject }) => void (signer = inject(Signer)) },
    );
    await server.start();
    await using _ = server;
    expect((await signer!.sign(Buffer.from(plain), { domain: 'example.org' })).fields).toHaveLength(2);
    expect(asked).toEqual(['example.org']);
  });

  it('are missed at start', () => {
    expect(() => createServer({ hostname: 'out.example' }).use(dkimSign()).describe()).toThrow(/DKIM signing keys/);
  });

  it('need From among the signed fields', () => {
    expect(() => dkimSign({ signedFields: ['subject'] })).toThrow(/From/);
  });
});
