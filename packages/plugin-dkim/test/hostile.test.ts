import { setImmediate as nextTurn } from 'node:timers/promises';
import { inMemory } from '@maitred/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '@maitred/testing';
import { feed, type Feed } from './feed.ts';
import { hostiles } from './hostile.ts';
import { receiver, type Receiver } from './receiver.ts';
import { rsaKey } from './signer.ts';

const key = rsaKey(2048);
const zone = { 's._domainkey.example.org': { TXT: [key.record] } };

describe('a hostile message', () => {
  let r: Receiver;
  let food: Feed;
  let client: Client;

  beforeAll(async () => {
    food = feed();
    r = receiver({ zone, plugins: [food.plugin] });
    client = await inMemory.open(r.server, { patience: 60_000 });
    await client.hello();
  });

  afterAll(() => r.server.close());

  it.each(hostiles(key))('is bounded by the limits: $name', { timeout: 60_000 }, async ({ content, code }) => {
    const before = { found: r.found.length, questions: r.dns.questions.length };
    await client.command('MAIL FROM:<>');
    await client.command('RCPT TO:<a@b>');
    food.next = { content, size: content.length };
    expect(await client.command('FEED')).toMatchObject({ code });
    expect(r.found.length - before.found).toBe(code === 250 ? 1 : 0);
    if (code === 250) {
      // Eight that were looked at, and one word about the others.
      expect(r.found.at(-1)?.length).toBeLessThanOrEqual(9);
      expect(r.dns.questions.length - before.questions).toBeLessThanOrEqual(8);
    } else {
      // Nothing of it was handed to those who take long.
      expect(r.dns.questions.length).toBe(before.questions);
    }
  });

  it('lets others have a turn after as many octets as the limit says, once per hash', async () => {
    const [one, seven] = hostiles(key).filter(({ name }) => name.startsWith('a body of one line'));
    for (const [hostile, hashes] of [
      [one, 2],
      [seven, 8],
    ] as const) {
      await client.command('MAIL FROM:<>');
      await client.command('RCPT TO:<a@b>');
      const { content } = hostile!;
      food.next = { content, size: content.length };
      let turns = 0;
      const counter = { running: true };
      const counting = (async () => {
        while (counter.running) {
          await nextTurn();
          turns += 1;
        }
      })();
      expect(await client.command('FEED')).toMatchObject({ code: 250 });
      counter.running = false;
      await counting;
      expect(turns).toBeGreaterThanOrEqual(Math.floor((content.length * hashes) / (2 * 1024 * 1024)));
    }
  });
});
