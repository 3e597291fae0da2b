import { createHook } from 'node:async_hooks';
import { ways, type Client } from '@maitred/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { base64, house, plainly } from '../test/house.ts';
import { speakScram } from '../test/scram-client.ts';
import { memoryDirectory } from './directory/memory-directory.ts';
import { login } from './mechanisms/login.ts';
import { plain } from './mechanisms/plain.ts';
import { scram } from './mechanisms/scram.ts';

/** In the default cost, but for what the client pays: the work is what this is about. */
const users = await memoryDirectory(
  [
    { name: 'ann', password: 'secret' },
    { name: 'bob', tokens: ['a token and no password'] },
  ],
  { scramIterations: 4096 },
);
const mechanisms = [plain(), login(), ...scram({ decoy: { iterations: 4096 } })];

/** Counts the keys that Node derives, whoever asks for them. */
function derivations(): { count(): number } {
  let count = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'SCRYPTREQUEST' || type === 'PBKDF2REQUEST') count += 1;
    },
  }).enable();
  onTestFinished(() => void hook.disable());
  return {
    count: () => {
      const since = count;
      count = 0;
      return since;
    },
  };
}

const attempts: Readonly<Record<string, (client: Client, user: string, password: string) => Promise<{ raw: string }>>> =
  {
    PLAIN: (client, user, password) => client.command(`AUTH PLAIN ${plainly(user, password)}`),
    LOGIN: async (client, user, password) => {
      await client.command(`AUTH LOGIN ${base64(user)}`);
      return client.command(base64(password));
    },
    'SCRAM-SHA-256': (client, user, password) =>
      speakScram(client, 'SCRAM-SHA-256', { hash: 'SHA-256', user, password }),
  };

describe.each(ways)('an unknown user $name', { timeout: 30_000 }, ({ open }) => {
  it.each(Object.entries(attempts))(
    'costs what a wrong password does, and reads the same: %s',
    async (name, attempt) => {
      const derived = derivations();
      const { server, delays } = house({ directory: users, mechanisms });
      const results = [];
      // Unknown; known, with a wrong password; known, without a password; unknown, with somebody's password.
      for (const [user, password] of [
        ['eve', 'guess'],
        ['ann', 'guess'],
        ['bob', 'guess'],
        ['eve', 'secret'],
      ] as const) {
        const client = await open(server);
        await client.hello();
        derived.count();
        const { raw } = await attempt(client, user, password);
        results.push({ raw, derived: derived.count(), delay: delays.splice(0) });
      }
      const expected = {
        raw: '535 5.7.8 Authentication credentials invalid\r\n',
        derived: name.startsWith('SCRAM') ? 0 : 1,
        delay: [1000],
      };
      expect(results).toEqual([expected, expected, expected, expected]);
    },
  );

  it('costs no more than the one who gets in', async () => {
    const derived = derivations();
    const client = await open(house({ directory: users }).server);
    await client.hello();
    derived.count();
    expect(await client.command(`AUTH PLAIN ${plainly('ann', 'secret')}`)).toMatchObject({ code: 235 });
    expect(derived.count()).toBe(1);
  });
});
