import { Identity, createServer, Log } from '@maitred/core';
import { memoryLog, script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { house, plainly, users } from '../../test/house.ts';
import { auth } from '../auth.ts';
import { relayForAuthenticated } from './relay-for-authenticated.ts';
import { requireAuth } from './require-auth.ts';
import { senderMustMatch } from './sender-must-match.ts';

const bob = plainly('bob@example.org', 'pencil');

describe.each(ways)('requireAuth $name', ({ open }) => {
  it('answers 530 5.7.0 to all but what an anonymous client needs', async () => {
    const client = await open(house({}, requireAuth()).server);
    await script(
      client,
      `S: 220
       C: HELO client.example
       S: 250
       C: EHLO client.example
       S: 250
       C: MAIL FROM:<bob@example.org>
       S: 530 5.7.0 Authentication required
       C: RCPT TO:<b@server.example>
       S: 530
       C: DATA
       S: 530
       C: VRFY bob
       S: 530
       C: WHO
       S: 530
       C: NOOP
       S: 250
       C: RSET
       S: 250
       C: HELP
       S: 214
       C: NONSENSE
       S: 500
       C: AUTH PLAIN ${bob}
       S: 235
       C: WHO
       S: 250 bob@example.org by PLAIN`,
    );
    expect(await client.mail()).toMatchObject({ code: 250 });
  });

  it('lets those go on that are excepted', async () => {
    const except = requireAuth({ except: ({ remote }) => remote.address === '192.0.2.1' });
    const { server } = house({}, except);
    const near = await open(server, { remote: { address: '192.0.2.1', port: 1 } });
    await near.hello();
    expect(await near.mail()).toMatchObject({ code: 250 });
    const far = await open(server, { remote: { address: '192.0.2.2', port: 1 } });
    await far.hello();
    expect(await far.command('MAIL FROM:<>')).toMatchObject({ code: 530 });
    expect(await far.command('QUIT')).toMatchObject({ code: 221 });
  });
});

describe.each(ways)('senderMustMatch $name', ({ open }) => {
  it('lets an authenticated client send as itself, or with no reverse-path', async () => {
    const client = await open(house({}, senderMustMatch()).server);
    await client.hello();
    await script(
      client,
      `C: AUTH PLAIN ${bob}
       S: 235
       C: MAIL FROM:<ann@example.org>
       S: 553 5.7.1 Sender address not permitted for this user
       C: MAIL FROM:<Bob@example.org>
       S: 553
       C: MAIL FROM:<bob@sub.example.org>
       S: 553
       C: MAIL FROM:<bob@EXAMPLE.org>
       S: 250
       C: RSET
       S: 250
       C: MAIL FROM:<"bob"@example.org>
       S: 250
       C: RSET
       S: 250
       C: MAIL FROM:<>
       S: 250`,
    );
  });

  it('lets nobody whose identity is no mailbox send as somebody, but as the application says', async () => {
    const strict = await open(house({}, senderMustMatch()).server);
    await strict.hello();
    await strict.command(`AUTH PLAIN ${plainly('ann', 'secret')}`);
    expect(await strict.command('MAIL FROM:<ann@example.org>')).toMatchObject({ code: 553, enhanced: '5.7.1' });

    const allow = senderMustMatch({
      allow: async ({ id }, { local, domain }) => local === id && domain === 'example.org',
    });
    const loose = await open(house({}, allow).server);
    await loose.hello();
    await loose.command(`AUTH PLAIN ${plainly('ann', 'secret')}`);
    expect(await loose.command('MAIL FROM:<bob@example.org>')).toMatchObject({ code: 553 });
    expect(await loose.command('MAIL FROM:<ann@example.org>')).toMatchObject({ code: 250 });
  });

  it('leaves anonymous clients to others, and fails closed', async () => {
    const failing = senderMustMatch({
      allow: () => {
        throw new Error('no list of senders');
      },
    });
    const { server } = house({}, failing);
    const anonymous = await open(server);
    await anonymous.hello();
    expect(await anonymous.mail()).toMatchObject({ code: 250 });
    const known = await open(server);
    await known.hello();
    await known.command(`AUTH PLAIN ${bob}`);
    expect(await known.command('MAIL FROM:<bob@example.org>')).toMatchObject({ code: 451, enhanced: '4.3.0' });
  });
});

describe.each(ways)('relayForAuthenticated $name', ({ open }) => {
  it('is the one way to others’ domains, and for who has proven who it is', async () => {
    const server = createServer({ hostname: 'mx.example.org' })
      .use(auth({ directory: users, withoutTls: true }))
      .accept(({ recipient }) => recipient.path.domain === 'example.org')
      .use(relayForAuthenticated())
      .override(Log, memoryLog());
    const client = await open(server);
    await client.hello();
    await script(
      client,
      `C: MAIL FROM:<bob@example.org>
       S: 250
       C: RCPT TO:<ann@example.org>
       S: 250
       C: RCPT TO:<eve@elsewhere.example>
       S: 550
       C: RSET
       S: 250
       C: AUTH PLAIN ${bob}
       S: 235
       C: MAIL FROM:<bob@example.org>
       S: 250
       C: RCPT TO:<eve@elsewhere.example>
       S: 250 Recipient OK, will relay`,
    );
    expect(server.describe().acceptors.at(-1)).toBe(
      'relay-for-authenticated: any recipient, for an authenticated client',
    );
    await server.close({ deadline: 0 });
  });
});

describe('policies', () => {
  it.each([requireAuth(), senderMustMatch(), relayForAuthenticated()])(
    'don’t start without anybody who could prove anything: $name',
    async (policy) => {
      const server = createServer({ hostname: 'mx.example.org' }).use(policy);
      await expect(server.start()).rejects.toThrow(`${policy.name} needs ${Identity.name}, which nothing provides`);
    },
  );
});
