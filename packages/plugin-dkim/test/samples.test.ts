import { Buffer } from 'node:buffer';
import { inMemory } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { present, record, sample } from './conformance.ts';
import { feed } from './feed.ts';
import { receiver } from './receiver.ts';

/** RFC 8463 A.2; and of a mail server's own tests, whose key came with it. */
const ed25519 = 'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';
const exim = 'v=DKIM1; k=ed25519; p=sPs07Vu29FpHT/80UXUcYHFOHifD4o2ZlP2+XUh9g6E=';

/** What is found in each sample. A key that is no longer published leaves the body hash to be checked, and no more. */
const samples: readonly (readonly [string, readonly object[]])[] = [
  [
    'rfc6376.signed.msg',
    [
      { result: 'pass', algorithm: 'ed25519-sha256' },
      { result: 'pass', algorithm: 'rsa-sha256' },
    ],
  ],
  ['ed25519test2.msg', [{ result: 'pass', algorithm: 'ed25519-sha256' }]],
  ['message.mbox', [{ result: 'neutral', comment: 'no key', algorithm: 'rsa-sha256' }]],
  ['rfc6376.msg', []],
  ['test.message', []],
  ['ed25519test.msg', []],
];

describe.each(samples)('the sample %s', (name, found) => {
  it.skipIf(!present).each([1, 3, 17, 1000, Number.POSITIVE_INFINITY])(
    'has its results in chunks of %d octets (skipped where ../shared/conformance is not there)',
    async (chunk) => {
      const food = feed();
      const zone = {
        'brisbane._domainkey.football.example.com': { TXT: [ed25519] },
        'test._domainkey.football.example.com': { TXT: [record('test.txt')] },
        'sed._domainkey.test.ex': { TXT: [exim] },
      };
      await using r = receiver({ zone, plugins: [food.plugin] });
      const client = await inMemory.open(r.server);
      await client.hello();
      await client.command('MAIL FROM:<>');
      await client.command('RCPT TO:<a@b>');
      const content = Buffer.from(sample(name), 'latin1');
      food.next = { content, size: Math.min(chunk, content.length) };
      expect(await client.command('FEED')).toMatchObject({ code: 250 });
      expect(r.found).toMatchObject([found]);
      expect(r.found[0]).toHaveLength(found.length);
    },
  );
});
