import { createHmac } from 'node:crypto';
import { definePlugin } from '@maitred/core';
import { script, ways, type Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { base64, certificate, cheap, house, plainly } from '../test/house.ts';
import { speakScram } from '../test/scram-client.ts';
import { everything, witness } from '../test/witness.ts';
import { memoryDirectory } from './directory/memory-directory.ts';
import { cramMd5 } from './mechanisms/cram-md5.ts';
import { everyday } from './mechanisms/everyday.ts';
import type { UserDirectory } from './tokens.ts';

const password = 'tr0ub4dor&3';
const wrong = 'c0rrect h0rse';
const token = 'vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg';
const known = await memoryDirectory([{ name: 'ann', password, tokens: [token] }], {
  cost: cheap,
  scramIterations: 4096,
  keepPasswords: true,
});
/** It fails for one user, and tells everything it knows. */
const directory: UserDirectory = {
  ...known,
  verifyPassword: async (user, secret, signal) => {
    if (user === 'ann') return known.verifyPassword?.(user, secret, signal);
    const uri = `ldap://${user}:${encodeURIComponent(secret)}@ldap.example.org`;
    throw Object.assign(new Error(`bind ${uri} as ${user} with ${secret} (${base64(secret)})`), { uri, secret });
  },
};
const mechanisms = [everyday(), cramMd5()].flat();

/** All messages of all mechanisms, right and wrong, whole and cut short, by commands and by responses. */
async function everyExchange(client: Client): Promise<void> {
  const oauth = base64(`n,a=ann,\x01auth=Bearer ${token}x\x01\x01`);
  await script(
    client,
    `C: AUTH PLAIN ${plainly('ann', wrong)}
     S: 535
     C: AUTH PLAIN ${plainly('eve', wrong)}
     S: 454
     C: AUTH PLAIN ${plainly('ann', password).replace(/=*$/, '!')}
     S: 501
     C: AUTH PLAIN ${base64(`ann\0${password}`)}
     S: 501
     C: AUTH PLAIN ${plainly('ann', password)} ${base64(password)}
     S: 501
     C: AUTH X-OTHER ${plainly('ann', password)}
     S: 504
     C: AUTH LOGIN ${base64('ann')}
     S: 334
     C: ${base64(wrong)}
     S: 535
     C: AUTH LOGIN ${base64('eve')}
     S: 334
     C: ${base64(password)}
     S: 454
     C: AUTH LOGIN
     S: 334
     C: ${password}
     S: 501
     C: AUTH XOAUTH2 ${base64(`user=ann\x01auth=Bearer ${token}x\x01\x01`)}
     S: 334
     C:
     S: 535
     C: AUTH OAUTHBEARER
     S: 334
     C: ${oauth}
     S: 334
     C: *
     S: 501
     C: AUTH PLAIN ${base64(`\0ann\0${password}`).padEnd(13_000, 'A')}
     S: 500
     C: MAIL FROM:<a@client.example>
     S: 250
     C: AUTH PLAIN ${plainly('ann', password)}
     S: 503
     C: RSET
     S: 250`,
  );
  const { text } = await client.command('AUTH CRAM-MD5');
  const digest = createHmac('md5', wrong).update(Buffer.from(text, 'base64')).digest('hex');
  await client.command(base64(`ann ${digest}`));
  await speakScram(client, 'SCRAM-SHA-256', { hash: 'SHA-256', user: 'ann', password: wrong });
}

const successes: readonly ((client: Client) => Promise<{ code: number }>)[] = [
  (client) => client.command(`AUTH PLAIN ${plainly('ann', password)}`),
  async (client) => {
    await client.command('AUTH PLAIN');
    return client.command(plainly('ann', password));
  },
  async (client) => {
    await client.command(`AUTH LOGIN ${base64('ann')}`);
    return client.command(base64(password));
  },
  (client) => client.command(`AUTH XOAUTH2 ${base64(`user=ann\x01auth=Bearer ${token}\x01\x01`)}`),
  (client) => client.command(`AUTH OAUTHBEARER ${base64(`n,a=ann,\x01auth=Bearer ${token}\x01\x01`)}`),
  (client) => speakScram(client, 'SCRAM-SHA-256', { hash: 'SHA-256', user: 'ann', password }),
];

describe.each(ways)('credentials $name', { timeout: 30_000 }, ({ open }) => {
  it('are in no log, no trace, no context of a middleware, and in no reply', async () => {
    const heard = witness();
    const { server, log, kept } = house({ directory, mechanisms, attempts: 100 }, eavesdropper);
    const transcripts: string[] = [];
    for (const success of successes) {
      const client = await open(server, { tls: certificate });
      await client.hello();
      if (transcripts.length === 0) await everyExchange(client);
      expect(await success(client)).toMatchObject({ code: 235 });
      await client.mail({ from: 'ann@client.example' });
      await client.command('QUIT');
      transcripts.push(client.transcript);
    }
    const all = [heard(), everything(log.records), everything(overheard), ...transcripts, ...kept].join('\n');
    // The witnesses were awake, and the directory's failure was logged.
    expect(all).toContain('tracing:maitred:command:asyncEnd');
    expect(all).toContain('bind ldap://[redacted]:[redacted]@ldap.example.org');
    for (const secret of [password, wrong, token]) {
      for (const form of forms(secret)) expect(all).not.toContain(form);
    }
  });
});

/** What the ring and the stages see, of every command. */
const overheard: unknown[] = [];
const eavesdropper = definePlugin({
  name: 'eavesdropper',
  stages: {
    command: async (ctx, next) => {
      overheard.push(ctx.command);
      const reply = await next();
      overheard.push(reply, ctx.command);
      return reply;
    },
  },
});

/** A secret as it is and as it may be written, wherever in a SASL message it was. */
function forms(secret: string): string[] {
  // Of three alignments in base64, what doesn't depend on the octets around.
  const inner = [0, 1, 2].map((skip) => base64('x'.repeat(skip) + secret).slice(skip === 0 ? 0 : 4, -4));
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString('hex'), ...inner];
}
