import { service, type Plugin } from '@maitred/core';
import { script, ways } from '@maitred/testing';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { auth, Passwords } from './auth.ts';
import { inbox } from './receiver.ts';

const password = 'correct horse battery';
const secret = Buffer.from(`\0bob\0${password}`).toString('base64');

/** Nobody gets in: the directory fails, and the plugin with it. */
const broken: Plugin = {
  name: 'broken',
  services: [service({ token: Passwords, create: () => ({ right: () => Promise.reject(new Error('no directory')) }) })],
};

const parts = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];
const names = ['connection', 'command', 'stage', 'message']
  .flatMap((name) => parts.map((part) => `tracing:maitred:${name}:${part}`))
  .concat('maitred:reply');

/** Everything that is told on the diagnostics channels while `during` runs. */
async function overheard(during: () => Promise<void>): Promise<string> {
  const told: unknown[] = [];
  const listen = (message: unknown): void => void told.push(inspect(message, { depth: 10 }));
  for (const name of names) subscribe(name, listen);
  try {
    await during();
  } finally {
    for (const name of names) unsubscribe(name, listen);
  }
  return told.join('\n');
}

describe.each(ways)('the arguments of a secret verb, $name', ({ open }) => {
  it.each([
    ['on its line', `C: AUTH PLAIN ${secret}\nS: 451`],
    ['on a line of their own', `C: AUTH PLAIN\nS: 334\nC: ${secret}\nS: 451`],
    ['on a line that is too long', `C: AUTH PLAIN ${secret}${'A'.repeat(20_000)}\nS: 500`],
    ['on a line of their own that is too long', `C: AUTH PLAIN\nS: 334\nC: ${secret}${'A'.repeat(20_000)}\nS: 500`],
    ['behind an empty word', `C: AUTH  ${secret}\nS: 504`],
  ])('are in no log, trace or ring: %s', async (_, said) => {
    const rings: unknown[] = [];
    const ring: Plugin = {
      name: 'ring',
      stages: {
        command: async (ctx, next) => {
          rings.push({ ...ctx.command });
          return next();
        },
      },
    };
    await using rig = inbox([ring, auth(), broken]);
    const told = await overheard(async () => {
      const client = await open(rig.server);
      await client.hello();
      await script(client, `${said}\nC: NOOP for us\nS: 250`);
    });
    const all = [told, inspect(rings, { depth: 10 }), inspect(rig.log.records, { depth: 10 })].join('\n');
    expect(told).toContain('for us');
    expect(rings).toContainEqual(expect.objectContaining({ verb: 'NOOP', args: 'for us' }));
    expect(all).not.toContain(secret);
    expect(all).not.toContain(password);
  });
});
