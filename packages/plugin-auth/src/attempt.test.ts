import { definePlugin, replies } from '@maitred/core';
import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { certificate, house, plainly } from '../test/house.ts';
import { FailedAttempts } from './keys.ts';

const good = plainly('ann', 'secret');
const bad = plainly('ann', 'guess');

describe.each(ways)('attempts to authenticate $name', ({ open }) => {
  it('answers later from one refusal to the next, and ends the connection after five', async () => {
    const { server, delays } = house();
    const client = await open(server);
    await client.hello();
    for (let attempt = 1; attempt < 5; attempt += 1) {
      expect(await client.command(`AUTH PLAIN ${bad}`)).toMatchObject({ code: 535 });
      expect(delays).toHaveLength(attempt);
    }
    expect(await client.command(`AUTH PLAIN ${bad}`)).toMatchObject({ code: 421, enhanced: '4.7.0' });
    expect(await client.closed()).toBe('');
    expect(delays).toEqual([1000, 2000, 4000, 8000, 10_000]);
  });

  it('lets the last attempt in if it succeeds', async () => {
    const { server, delays } = house({ attempts: 3, delay: (failed) => failed });
    const client = await open(server);
    await client.hello();
    await client.command(`AUTH PLAIN ${bad}`);
    await client.command(`AUTH PLAIN ${bad}`);
    expect(await client.command(`AUTH PLAIN ${good}`)).toMatchObject({ code: 235 });
    expect(delays).toEqual([1, 2]);
  });

  it('are noted for others, as long as they gave nobody’s identity', async () => {
    const noted: unknown[] = [];
    const { server } = house();
    server.on('mail', async (ctx, next) => {
      noted.push(ctx.get(FailedAttempts));
      return next();
    });
    const client = await open(server);
    await client.hello();
    for (const line of ['NOOP', `AUTH PLAIN ${bad}`, `AUTH PLAIN ${good}`]) {
      await client.command(line);
      await client.command('MAIL FROM:<a@client.example>');
      await client.command('RSET');
    }
    expect(noted).toEqual([undefined, 1, 1]);
  });

  it('counts attempts that were cancelled or malformed, but answers them at once', async () => {
    const { server, delays } = house({ attempts: 3 });
    const client = await open(server);
    await client.hello();
    await script(
      client,
      `C: AUTH PLAIN
       S: 334
       C: *
       S: 501
       C: AUTH PLAIN QUJD
       S: 501
       C: AUTH PLAIN
       S: 334
       C: *
       S: 421 4.7.0 Too many failed attempts to authenticate`,
    );
    expect(await client.closed()).toBe('');
    expect(delays).toEqual([]);
  });

  it('has no attempts to give back at STARTTLS', async () => {
    const upgrading = definePlugin({
      name: 'upgrading',
      verbs: {
        TLS: {
          handle: async (verb) => {
            verb.after((powers) => powers.upgrade(certificate));
            return replies.ok;
          },
        },
      },
    });
    const { server } = house({ attempts: 3 }, upgrading);
    const client = await open(server);
    await client.hello();
    await client.command(`AUTH PLAIN ${bad}`);
    await client.command(`AUTH PLAIN ${bad}`);
    await client.command('TLS');
    await client.secure();
    await client.command('EHLO client.example');
    expect(await client.command(`AUTH PLAIN ${bad}`)).toMatchObject({ code: 421 });
  });
});
