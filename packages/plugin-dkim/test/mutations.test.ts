import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import type { Dkim } from '@maitred/authentication-results';
import { loadVerifier, type VerifierClass } from '@maitred/authentication-results/mailauth';
import { fakeDns, inMemory, type FakeDns, type Zone } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { dkimOf } from '../src/result.ts';
import { feed } from './feed.ts';
import { signAll, signer, type Job } from './independent.ts';
import { mutations, random } from './mutate.ts';
import { receiver } from './receiver.ts';
import { ed25519Key, rsaKey } from './signer.ts';

const MUTANTS = 8;

const keys = { rsa: rsaKey(2048), ed25519: ed25519Key() };
const zone: Zone = {
  'rsa._domainkey.example.org': { TXT: [keys.rsa.record] },
  'ed25519._domainkey.example.org': { TXT: [keys.ed25519.record] },
};

/** Fields as they are, and longer than those that are parsed may be. */
const shapes = {
  'of many shapes': ['', 'X-Long: a\r\n\t b\r\n   c\r\n', 'To: suzie@example.net\r\nX-Hop: x\r\nX-Hop: y\r\n'],
  'with long fields': [
    `To: ${Array.from({ length: 300 }, (_, at) => `"Person ${at}" <person${at}@example.net>`).join(',\r\n  ')}\r\n`,
    `X-Hop: x\r\nX-Hop: a${' '.repeat(5000)}\t${' '.repeat(5000)}b\r\n`,
    `To: a${'\r\n '.repeat(1000)}${'\r\n\t b'.repeat(1500)}\r\n`,
    `X-Hop: \t \r\n ${'x y\t'.repeat(3000)} \r\nTo: ${':'.repeat(9000)}\r\n`,
    `To:${' '.repeat(9000)}a ${'\r\n '.repeat(2000)}\r\nX-Hop:\r\n ${' \xe9'.repeat(5000)}\t\r\n`,
  ],
} as const;

/** Messages, each for a signature of its own. */
function jobs(messages: number, extras: readonly [string, ...string[]]): Job[] {
  const pick = random(6376);
  const some = <T>(of: readonly [T, ...T[]]): T => of[pick(of.length)] ?? of[0];
  const text = (): string =>
    Array.from({ length: pick(12) }, () =>
      some(['Hi. ', 'We  lost\tthe game.', '\r\n', ' \r\n', 'Are you hungry yet?\r\n', '\xe9']),
    ).join('');
  return Array.from({ length: messages }, (_, at): Job => {
    const algorithm =
      signer === 'dkimpy' ? some(['rsa-sha256', 'rsa-sha256', 'ed25519-sha256'] as const) : 'rsa-sha256';
    const extra = some(extras);
    const type = some(['', 'Content-Type: multipart/mixed; boundary="x"\r\n']);
    const message = `From: Joe <joe@example.org>\r\nSubject: number ${at} \r\n${extra}${type}Date: now\r\n\r\n${text()}\r\n`;
    return {
      message,
      algorithm,
      selector: algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519',
      key: algorithm === 'rsa-sha256' ? keys.rsa : keys.ed25519,
      header: some(['simple', 'relaxed']),
      body: some(['simple', 'relaxed']),
      fields: some([
        ['from', 'subject'],
        ['from', 'subject', 'to', 'date'],
        ['from', 'from', 'subject', 'x-hop', 'x-hop', 'x-hop'],
      ]),
      length: signer === 'dkimpy' && pick(5) === 0,
    };
  });
}

const now = Date.now();

/** What mailauth's own class says of it, unmodified. */
async function mailauths(Verifier: VerifierClass, dns: FakeDns, content: Buffer): Promise<readonly Dkim[]> {
  const verifier = new Verifier({ resolver: dns.resolve, strict: true });
  verifier.end(content);
  await once(verifier, 'finish');
  const found = verifier.signatureHeaders.some(({ type }) => type === 'DKIM') ? verifier.results : [];
  return found.map((one) => dkimOf(one, { now, skew: 300_000 }));
}

describe.each([
  [250, 'of many shapes'],
  [60, 'with long fields'],
] as const)(`%i messages %s that ${signer} signed, each mutated ${MUTANTS} times`, (messages, shape) => {
  it('have the results that the unmodified mailauth gives them, in any chunks', { timeout: 240_000 }, async () => {
    const Verifier = await loadVerifier();
    const dns = fakeDns(zone);
    const food = feed();
    await using r = receiver({ zone, plugins: [food.plugin], bareLineEndings: 'convert' });
    const client = await inMemory.open(r.server);
    await client.hello();
    const verify = async (content: Buffer, size: number): Promise<readonly Dkim[] | undefined> => {
      food.next = { content, size };
      client.send('MAIL FROM:<>\r\nRCPT TO:<a@b>\r\n');
      await Promise.all([client.reply(), client.reply()]);
      expect(await client.command('FEED')).toMatchObject({ code: 250 });
      return r.found.at(-1);
    };

    const pick = random(1);
    const kinds = Object.entries(mutations);
    const words: Record<string, number> = {};
    const different: string[] = [];
    let at = 0;
    for (const message of await signAll(jobs(messages, shapes[shape]))) {
      for (let mutant = 0; mutant < MUTANTS; mutant += 1, at += 1) {
        const [name, mutate] = kinds[at % kinds.length]!;
        const content = Buffer.from(mutate(message, pick), 'latin1');
        for (const size of [content.length, [1, 3, 17, 1000][at % 4]!]) {
          const ours = await verify(content, size);
          // Of a LF alone mailauth makes a line end too, but not of a CR.
          const theirs = await mailauths(
            Verifier,
            dns,
            /\r(?!\n)/.test(content.toString('latin1')) ? food.kept : content,
          );
          if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
            different.push(`${at} (${name}) in chunks of ${size}: ${JSON.stringify({ ours, theirs })}`);
          }
        }
        const word =
          r.found
            .at(-1)
            ?.map(({ result }) => result)
            .join(' ') ?? '';
        words[word] = (words[word] ?? 0) + 1;
      }
    }
    expect(different).toEqual([]);
    expect(at).toBe(messages * MUTANTS);
    // It was worth the while.
    expect(words['pass']).toBeGreaterThan(messages);
    expect(words['fail']).toBeGreaterThan(messages);
    expect(words['neutral']).toBeGreaterThan(messages / 15);
  });
});
