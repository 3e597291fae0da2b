import { createServer, Identity } from '@maitred/core';
import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { receiver } from '../test/receiver.ts';
import { verify } from './verify.ts';

const everybody = { networks: ['0.0.0.0/0', '::/0'] };
const exposed = { expose: { vrfy: everybody, expn: everybody } };

/** Whom a stranger might ask about: some exist, some don't, one brings the directory down. */
const names = [
  'ann',
  '"Ann Other"',
  'ann@mx.example',
  '<ann@mx.example>',
  'nobody',
  'staff',
  'broken',
  'a@elsewhere.example',
];

describe.each(ways)('VRFY and EXPN in the default settings, $name', ({ open }) => {
  it.each(['VRFY', 'EXPN'])('%s is the same for all, and the directory is never asked', async (verb) => {
    await using it = receiver();
    const client = await open(it.server);
    const { lines } = await client.hello();
    expect(lines).not.toContain(verb);
    const told = new Set<string>();
    for (const name of names) {
      for (const args of [name, name.toUpperCase(), `${name} SMTPUTF8`]) {
        told.add((await client.command(`${verb} ${args}`)).raw);
      }
    }
    expect([...told]).toEqual([expect.stringMatching(/^252 2\.5\.0 Cannot /)]);
    expect(it.asked).toEqual([]);
    expect(it.log.records).toEqual([]);
  });

  it('is so before HELO, inside a transaction, and for who proved an identity', async () => {
    await using it = receiver();
    const client = await open(it.server);
    await script(
      client,
      `S: 220
       C: VRFY ann
       S: 252
       C: EXPN staff
       S: 252
       C: EHLO client.example
       S: 250
       C: LOGIN ann
       S: 250
       C: VRFY ann
       S: 252
       C: MAIL FROM:<a@client.example>
       S: 250
       C: EXPN staff
       S: 252
       C: RCPT TO:<b@mx.example>
       S: 250`,
    );
    expect(it.asked).toEqual([]);
  });

  it('needs no directory', async () => {
    const server = createServer({ hostname: 'mx.example' }).use(verify());
    const client = await open(server);
    await script(client, 'S: 220\nC: VRFY ann\nS: 252\nC: EXPN staff\nS: 252');
    await server.close({ deadline: 0 });
  });
});

describe.each(ways)('what VRFY and EXPN are given, $name', ({ open }) => {
  it.each([
    ['', 501, '5.5.4'],
    ['<>', 501, '5.5.4'],
    ['<ann@mx.example', 501, '5.5.4'],
    ['Ann Other', 501, '5.5.4'],
    ['"Ann Other', 501, '5.5.4'],
    ['ann SMTPUTF8=1', 501, '5.5.4'],
    ['ann SMTPUTF8 SMTPUTF8', 501, '5.5.4'],
    ['ann OTHER', 501, '5.5.4'],
    ['x'.repeat(65), 501, '5.5.4'],
    ['jörg', 550, '5.6.7'],
    ['a\0b', 500, '5.5.2'],
    ['x'.repeat(3000), 500, '5.5.2'],
  ])('is checked, told or not: %j gets %i', async (args, code, enhanced) => {
    for (const options of [{}, exposed]) {
      await using it = receiver(options);
      const client = await open(it.server);
      await client.hello();
      for (const verb of ['VRFY', 'EXPN']) {
        expect(await client.command(`${verb}${args === '' ? '' : ` ${args}`}`)).toMatchObject({ code, enhanced });
      }
      await script(client, 'C: NOOP\nS: 250');
      expect(it.asked).toEqual([]);
    }
  });

  it('has no SMTPUTF8 for who was not offered it', async () => {
    await using it = receiver(exposed);
    const client = await open(it.server);
    await script(
      client,
      'S: 220\nC: HELO x\nS: 250\nC: VRFY ann SMTPUTF8\nS: 501\nC: VRFY jörg\nS: 550\nC: VRFY ann\nS: 250',
    );
  });
});

describe.each(ways)('VRFY and EXPN for who is told, $name', ({ open }) => {
  it('answer what the directory knows', async () => {
    await using it = receiver(exposed);
    const client = await open(it.server);
    await client.hello();
    await script(
      client,
      `C: VRFY ann
       S: 250 2.1.5 Ann Other <ann@mx.example>
       C: VRFY "Ann Other"
       S: 250 2.1.5 Ann Other <ann@mx.example>
       C: VRFY <ann@mx.example>
       S: 250 2.1.5 Ann Other <ann@mx.example>
       C: VRFY away
       S: 251 2.1.5 User not local; will forward to <away@elsewhere.example>
       C: VRFY gone
       S: 551 5.1.6 User not local; please try <gone@elsewhere.example>
       C: VRFY smith
       S: 553-5.1.4 User ambiguous; possibilities are
       S: 553-5.1.4 Ann Other <ann@mx.example>
       S: 553 5.1.4 <bob@mx.example>
       C: VRFY staff
       S: 550 5.1.1 That is a mailing list, not a user
       C: VRFY nobody
       S: 550 5.1.1 No such user here
       C: VRFY a@elsewhere.example
       S: 252 /^2\\.5\\.0 /
       C: EXPN staff
       S: 250-2.1.5 Ann Other <ann@mx.example>
       S: 250 2.1.5 <bob@mx.example>
       C: EXPN ann
       S: 550 5.1.1 That is a user, not a mailing list
       C: EXPN nobody
       S: 550 5.1.1 No such mailing list here
       C: EXPN crowd
       S: 252 2.5.0 The list is too long to be told`,
    );
  });

  it('answer in UTF-8 where SMTPUTF8 asks for it, and say so where it takes that', async () => {
    await using it = receiver(exposed);
    const client = await open(it.server);
    await client.hello();
    await script(
      client,
      `C: VRFY jörg SMTPUTF8
       S: 250 2.1.5 Jörg <jörg@mx.example>
       C: EXPN world
       S: 252 /^2\\.6\\.8 .*SMTPUTF8/
       C: EXPN world smtputf8
       S: 250-2.1.5 Ann Other <ann@mx.example>
       S: 250 2.1.5 Jörg <jörg@mx.example>
       C: VRFY ann SMTPUTF8
       S: 250 2.1.5 Ann Other <ann@mx.example>`,
    );
  });

  it('answer 451 when the directory fails, and nothing of why', async () => {
    await using it = receiver(exposed);
    const client = await open(it.server);
    await client.hello();
    const { raw } = await client.command('VRFY broken');
    expect(raw).toMatch(/^451 4\.3\.0 /);
    expect(raw).not.toContain('fire');
    expect(it.log.records).toMatchObject([{ fields: { plugin: 'verify' } }]);
    await script(client, 'C: VRFY ann\nS: 250');
  });

  it('change nothing of a transaction', async () => {
    await using it = receiver(exposed);
    const client = await open(it.server);
    await client.hello();
    await script(
      client,
      `C: MAIL FROM:<a@client.example>
       S: 250
       C: VRFY nobody
       S: 550
       C: EXPN staff
       S: 250
       C: RCPT TO:<b@mx.example>
       S: 250
       C: VRFY smith
       S: 553
       C: DATA
       S: 354`,
    );
  });

  it('are offered by EHLO, each to whom it is told', async () => {
    await using it = receiver({ expose: { vrfy: everybody, expn: { authenticated: true } } });
    const client = await open(it.server);
    expect((await client.hello()).lines).toContain('VRFY');
    await script(client, 'C: EXPN staff\nS: 252\nC: LOGIN ann\nS: 250\nC: EXPN staff\nS: 250');
    expect((await client.hello()).lines).toEqual(expect.arrayContaining(['VRFY', 'EXPN']));
  });
});

describe.each(ways)('who is told, $name', ({ open }) => {
  it('may be who has proved an identity', async () => {
    await using it = receiver({ expose: { vrfy: { authenticated: true } } });
    const client = await open(it.server);
    await client.hello();
    await script(client, 'C: VRFY nobody\nS: 252\nC: LOGIN ann\nS: 250\nC: VRFY nobody\nS: 550\nC: EXPN staff\nS: 252');
    expect(it.asked).toEqual(['nobody']);
  });

  it('may be who comes from a network', async () => {
    await using it = receiver({ expose: { expn: { networks: ['192.0.2.0/24'] } } });
    for (const [address, code] of [
      ['192.0.2.1', 250],
      ['198.51.100.1', 252],
      ['', 252],
    ] as const) {
      const client = await open(it.server, { remote: { address, port: 4000 } });
      await client.hello();
      expect(await client.command('EXPN staff')).toMatchObject({ code });
      client.destroy();
    }
    expect(it.asked).toEqual(['staff']);
  });

  it('is told so much at a time, whatever it asks, over any number of connections', async () => {
    await using it = receiver({ ...exposed, limit: { inquiries: 3, seconds: 10 } });
    for (const code of [250, 250, 250, 450]) {
      const client = await open(it.server);
      await client.hello();
      expect(await client.command(code === 450 ? 'EXPN staff' : 'VRFY ann')).toMatchObject({ code });
      client.destroy();
    }
    const client = await open(it.server);
    await client.hello();
    expect(await client.command('VRFY ann')).toMatchObject({ code: 450, enhanced: '4.7.1' });
    await it.clock.advance(10_000);
    await script(client, 'C: VRFY ann\nS: 250');
    expect(it.asked).toHaveLength(4);
  });

  it('is counted by its identity where it has one', async () => {
    await using it = receiver({ expose: { vrfy: { authenticated: true } }, limit: { inquiries: 1 } });
    const client = await open(it.server);
    await client.hello();
    await script(
      client,
      'C: LOGIN ann\nS: 250\nC: VRFY ann\nS: 250\nC: VRFY ann\nS: 450\nC: LOGIN bob\nS: 250\nC: VRFY ann\nS: 250',
    );
  });
});

describe('verify', () => {
  it('is described: its verbs, and when it offers them', () => {
    const login = { name: 'login', provides: [Identity] };
    const server = createServer({ hostname: 'mx.example' }).use(
      login,
      verify({
        directory: { verify: () => ({ is: 'unknown' }), expand: () => ({ is: 'unknown' }) },
        expose: { vrfy: { authenticated: true } },
      }),
    );
    const { verbs, keywords, services } = server.describe();
    expect(verbs).toMatchObject({ VRFY: 'verify', EXPN: 'verify' });
    expect(keywords).toMatchObject({ plain: [], tls: [], authenticated: ['VRFY'] });
    expect(services).toMatchObject({ 'recipient directory': 'verify' });
  });

  it('does not start when it has somebody to tell and no directory to ask', () => {
    const server = createServer({ hostname: 'mx.example' }).use(verify(exposed));
    expect(() => server.describe()).toThrow(/verify needs recipient directory/);
  });

  it.each([{ entries: 0 }, { limit: { inquiries: 0 } }, { expose: { vrfy: { networks: ['here'] } } }])(
    'takes no %j',
    (options) => {
      expect(() => verify(options)).toThrow(RangeError);
    },
  );
});
