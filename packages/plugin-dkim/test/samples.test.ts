import { Buffer } from 'node:buffer';
import type { Dkim } from '@maitred/authentication-results';
import { inMemory, type Zone } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { present, record, sample } from './conformance.ts';
import { feed } from './feed.ts';
import { signAll, signer, type Job } from './independent.ts';
import { receiver } from './receiver.ts';
import { examples, keys } from './rfc-examples.ts';
import { rsaKey } from './signer.ts';

const own = rsaKey(2048);

/** The last is of a mail server's own tests, whose key came with it. */
const zone = (): Zone => ({
  ...Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, { TXT: [key] }])),
  'test._domainkey.football.example.com': { TXT: [record('test.txt')] },
  'own._domainkey.example.org': { TXT: [own.record] },
  'sed._domainkey.test.ex': { TXT: ['v=DKIM1; k=ed25519; p=sPs07Vu29FpHT/80UXUcYHFOHifD4o2ZlP2+XUh9g6E='] },
});

/** What is found in the content, read in such chunks. */
async function foundIn(content: Buffer, chunk: number): Promise<readonly Dkim[] | undefined> {
  const food = feed();
  await using r = receiver({ zone: zone(), plugins: [food.plugin] });
  const client = await inMemory.open(r.server);
  await client.hello();
  await client.command('MAIL FROM:<>');
  await client.command('RCPT TO:<a@b>');
  food.next = { content, size: Math.min(chunk, content.length) };
  expect(await client.command('FEED')).toMatchObject({ code: 250 });
  expect(r.found).toHaveLength(1);
  return r.found[0];
}

const chunks = [1, 3, 17, 1000, Number.POSITIVE_INFINITY];
const why = 'in chunks of %d octets (skipped where ../shared/conformance is not there)';

/** The same, of what is made once the samples are known to be there. */
async function finds(content: () => string, chunk: number, results: readonly object[]): Promise<void> {
  const found = await foundIn(Buffer.from(content(), 'latin1'), chunk);
  expect(found).toMatchObject(results);
  expect(found).toHaveLength(results.length);
}

describe.each([
  [
    'rfc6376.signed.msg',
    [
      { result: 'pass', algorithm: 'ed25519-sha256' },
      { result: 'pass', algorithm: 'rsa-sha256' },
    ],
  ],
  ['ed25519test2.msg', [{ result: 'pass', algorithm: 'ed25519-sha256' }]],
])('the signed sample %s', (name, results) => {
  it.skipIf(!present).each(chunks)(`passes ${why}`, (chunk) => finds(() => sample(name), chunk, results));
});

describe.each(examples)('the signed example of $name', ({ fields, spaces, results }) => {
  const content = (): string => fields + sample('rfc6376.msg').replace('game.  Are', `game.${spaces}Are`);

  it.skipIf(!present).each(chunks)(`passes ${why}`, (chunk) => finds(content, chunk, results));
});

describe('the sample message.mbox, one message, whose key 2007-00._domainkey.kitterman.com is in no sample and no RFC', () => {
  const signature = { algorithm: 'rsa-sha256', domain: 'kitterman.com' };

  it.skipIf(!present).each(chunks)(`has the body that was signed, and no key, ${why}`, (chunk) =>
    finds(() => sample('message.mbox'), chunk, [{ ...signature, result: 'neutral', comment: 'no key' }]),
  );

  it.skipIf(!present).each(chunks)(`has another body once an octet of it is another, ${why}`, (chunk) =>
    finds(() => sample('message.mbox').replace('Scott K\r\n', 'Scott k\r\n'), chunk, [
      { ...signature, result: 'fail', comment: 'body hash did not verify' },
    ]),
  );
});

describe.each(['rfc6376.msg', 'test.message', 'ed25519test.msg'])('the sample %s, which nobody signed', (name) => {
  it.skipIf(!present).each(chunks)(`has no signature ${why}`, (chunk) => finds(() => sample(name), chunk, []));
});

describe.each(['rfc6376.msg', 'test.message', 'ed25519test.msg', 'message.mbox'])(
  `the sample %s, signed by ${signer} with a key of the test's`,
  (name) => {
    it.skipIf(!present).each(chunks)(`passes ${why}`, async (chunk) => {
      const job: Job = {
        message: sample(name),
        selector: 'own',
        key: own,
        algorithm: 'rsa-sha256',
        header: 'relaxed',
        body: 'relaxed',
        fields: ['from', 'to', 'subject', 'date', 'message-id'],
        length: false,
      };
      const [message = ''] = await signAll([job]);
      const found = await foundIn(Buffer.from(message, 'latin1'), chunk);
      expect(found?.[0]).toMatchObject({ result: 'pass', domain: 'example.org', algorithm: 'rsa-sha256' });
    });
  },
);
