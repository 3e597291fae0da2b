import { dns } from '@maitred/authentication-results';
import { createServer, definePlugin, Identity, replies } from '@maitred/core';
import { script, ways, type Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { greeted, receiver, zone } from '../test/receiver.ts';
import { spf } from './spf.ts';

describe.each(ways)('SPF, $name', ({ open }) => {
  it('tells of MAIL FROM and of HELO whether their domains permit the client', async () => {
    await using it = receiver({}, zone);
    const client = await greeted(open, it, 'soft.example');
    await script(client, 'C: MAIL FROM:<Ann@GOOD.example>\nS: 250');
    expect(await it.results[0]).toEqual({
      identity: 'mailfrom',
      result: 'pass',
      domain: 'good.example',
      comment: 'good.example permits 192.0.2.1',
      helo: {
        identity: 'helo',
        result: 'softfail',
        domain: 'soft.example',
        comment: 'soft.example may not permit 192.0.2.1',
      },
      resinfo: [
        {
          method: 'spf',
          result: 'pass',
          comment: 'good.example permits 192.0.2.1',
          properties: [{ ptype: 'smtp', property: 'mailfrom', value: 'good.example' }],
        },
        {
          method: 'spf',
          result: 'softfail',
          comment: 'soft.example may not permit 192.0.2.1',
          properties: [{ ptype: 'smtp', property: 'helo', value: 'soft.example' }],
        },
      ],
    });
  });

  it('shows the local part only where the policy looks at it (RFC 8601 2.7.2)', async () => {
    await using it = receiver({ helo: false }, zone);
    const client = await greeted(open, it);
    await script(client, 'C: MAIL FROM:<ann@personal.example>\nS: 250');
    expect(await it.results[0]).toMatchObject({
      result: 'pass',
      resinfo: [{ properties: [{ ptype: 'smtp', property: 'mailfrom', value: 'ann@personal.example' }] }],
    });
  });

  it('is of HELO alone where the reverse-path is null', async () => {
    await using it = receiver({}, zone);
    const client = await greeted(open, it, 'bad.example');
    await script(client, 'C: MAIL FROM:<>\nS: 250');
    const result = await it.results[0];
    expect(result).toMatchObject({ identity: 'helo', result: 'fail', domain: 'bad.example' });
    expect(result?.helo).toBeUndefined();
    expect(result?.resinfo).toMatchObject([{ properties: [{ property: 'helo', value: 'bad.example' }] }]);
  });

  it('asks by the address that a proxy tells', async () => {
    const proxied = definePlugin({
      name: 'proxied',
      prologue: async () => ({ remote: { address: '192.0.2.1', port: 1 } }),
    });
    await using it = receiver({}, zone, proxied);
    const client = await greeted(open, it, 'good.example', { address: '198.51.100.99', port: 1 });
    await script(client, 'C: MAIL FROM:<a@good.example>\nS: 250');
    expect(await it.results[0]).toMatchObject({ result: 'pass', comment: 'good.example permits 192.0.2.1' });
  });

  it('is of the message at hand: the next has its own, by the last greeting', async () => {
    await using it = receiver({}, zone);
    const client = await greeted(open, it);
    await script(
      client,
      'C: MAIL FROM:<a@bad.example>\nS: 250\nC: RSET\nS: 250\nC: MAIL FROM:<a@good.example>\nS: 250',
    );
    await script(client, 'C: EHLO bad.example\nS: 250\nC: MAIL FROM:<a@good.example>\nS: 250');
    expect(await it.results[1]).toMatchObject({ result: 'pass', helo: { result: 'pass' } });
    expect(await it.results[2]).toMatchObject({ result: 'pass', helo: { result: 'fail' } });
  });

  it.each([
    ['a listed client', { skip: ['192.0.2.0/24'] }],
    ['anybody, where it is off', { policy: 'off' }],
  ] as const)('does not ask about %s', async (_who, options) => {
    await using it = receiver({ policy: 'enforce', ...options }, zone);
    const client = await greeted(open, it);
    expect(await client.mail({ from: 'a@bad.example' })).toMatchObject({ code: 250 });
    expect(it.results).toEqual([undefined]);
    expect(it.dns.questions).toEqual([]);
  });

  it('does not ask about a client that has no address, or proved who it is', async () => {
    const proof = definePlugin({
      name: 'proof',
      provides: [Identity],
      stages: {
        helo: (ctx, next) => {
          if (ctx.helo === 'ann.example') ctx.set(Identity, { id: 'ann', by: 'test' });
          return next();
        },
      },
    });
    await using it = receiver({ policy: 'enforce' }, zone, proof);
    const known = await greeted(open, it, 'ann.example');
    expect(await known.mail({ from: 'a@bad.example' })).toMatchObject({ code: 250 });
    const local = await greeted(open, it, 'bad.example', { address: '', port: 0 });
    expect(await local.mail({ from: 'a@bad.example' })).toMatchObject({ code: 250 });
    expect(it.results).toEqual([undefined, undefined]);
    expect(it.dns.questions).toEqual([]);
  });

  it('keeps nobody waiting who does not need it', async () => {
    await using it = receiver({}, zone);
    const client = await greeted(open, it);
    expect(await client.mail({ from: 'a@dead.example' })).toMatchObject({ code: 250 });
    expect(it.dns.questions).toContainEqual({ name: 'dead.example', type: 'TXT' });
    expect(await it.results[0]).toMatchObject({ result: 'temperror' });
  });

  it('refuses nobody in report', async () => {
    await using it = receiver({}, zone);
    const client = await greeted(open, it, 'bad.example');
    expect(await client.mail({ from: 'a@bad.example' })).toMatchObject({ code: 250 });
    expect(await it.results[0]).toMatchObject({
      result: 'fail',
      explanation: "192.0.2.1 is not ours, says 'bad.example'",
    });
  });

  it('is temperror when the time is over', async () => {
    await using it = receiver({ policy: 'enforce', limits: { time: 7000 } }, zone);
    const client = await greeted(open, it);
    await script(client, 'C: MAIL FROM:<a@dead.example>\nS: 250');
    const refused = client.command('RCPT TO:<b@mx.example.org>');
    await it.clock.advance(6999);
    expect(client.transcript).not.toContain('451');
    await it.clock.advance(1);
    expect(await refused).toMatchObject({ code: 451 });
    expect(await it.results[0]).toMatchObject({
      result: 'temperror',
      comment: 'dead.example could not be asked: it took too long',
      helo: { result: 'pass' },
    });
  });

  it.each([
    ['the client vanishes', (client: Client) => client.destroy()],
    ['the transaction is dropped', (client: Client) => client.send('RSET\r\n')],
    ['the client greets again', (client: Client) => client.send('EHLO again.example\r\n')],
  ])('is over when %s', async (_what, leave) => {
    await using it = receiver({}, zone);
    const client = await greeted(open, it, 'dead.example');
    await script(client, 'C: MAIL FROM:<a@dead.example>\nS: 250');
    leave(client);
    expect(await it.results[0]).toMatchObject({ result: 'temperror', helo: { result: 'temperror' } });
    expect(it.dns.pending).toBe(0);
    expect(it.log.records).toEqual([]);
  });

  it('is over when MAIL is refused', async () => {
    const no = definePlugin({
      name: 'no',
      stages: { mail: async (_ctx, next) => next().then(() => replies.of(550, '5.7.1', 'No')) },
    });
    await using it = receiver({}, zone, no);
    const client = await greeted(open, it);
    await script(client, 'C: MAIL FROM:<a@dead.example>\nS: 550');
    expect(await it.results[0]).toMatchObject({ result: 'temperror' });
    expect(it.dns.pending).toBe(0);
  });

  it("stores no Received-SPF of the client's", async () => {
    await using it = receiver({ receivedSpf: true, helo: false }, zone);
    const client = await greeted(open, it);
    const content = 'RECEIVED-SPF : pass\r\n (forged)\r\nSubject: a\r\n\r\nReceived-SPF: body\r\n';
    await client.mail({ from: 'a@bad.example', content });
    const [text = ''] = it.kept;
    expect(text.match(/^received-spf.*/gim)).toEqual([
      'Received-SPF: fail (bad.example does not permit 192.0.2.1)',
      'Received-SPF: body',
    ]);
    expect(text).toContain('\r\nSubject: a\r\n\r\nReceived-SPF: body\r\n');
  });

  it('stores Received-SPF above everything, where that is asked for', async () => {
    await using it = receiver({ receivedSpf: true }, zone);
    const client = await greeted(open, it, 'soft.example');
    await client.mail({ from: 'a@good.example' });
    await client.mail({ from: '' });
    const [first = '', second = ''] = it.kept;
    expect(first.split('\r\n').slice(0, 7)).toEqual([
      'Received-SPF: pass (good.example permits 192.0.2.1)',
      '\tclient-ip=192.0.2.1; envelope-from="a@good.example"; helo=soft.example;',
      '\treceiver=mx.example.org; identity=mailfrom',
      'Received-SPF: softfail (soft.example may not permit 192.0.2.1)',
      '\tclient-ip=192.0.2.1; envelope-from="a@good.example"; helo=soft.example;',
      '\treceiver=mx.example.org; identity=helo',
      expect.stringMatching(/^Received: /),
    ]);
    expect(second.split('\r\n').slice(0, 3)).toEqual([
      'Received-SPF: softfail (soft.example may not permit 192.0.2.1)',
      '\tclient-ip=192.0.2.1; helo=soft.example; receiver=mx.example.org; identity=helo',
      expect.stringMatching(/^Received: /),
    ]);
  });
});

describe('spf', () => {
  it('is described: where it listens, and what it needs', () => {
    const used = [dns(), spf({ policy: 'enforce', receivedSpf: true })];
    const { stages } = createServer({ hostname: 'mx.example.org' })
      .use(...used)
      .describe();
    expect(stages).toMatchObject({ mail: ['spf'], rcpt: ['spf'], message: [expect.anything(), 'spf'] });
    expect(spf({ policy: 'off' })).toMatchObject({ requires: [], stages: {} });
  });

  it.each(['time', 'voids', 'record', 'addresses'])('throws where %s is no limit', (name) => {
    for (const limit of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const message = `the limit ${name} is a positive whole number, not ${limit}`;
      expect(() => spf({ limits: { [name]: limit } })).toThrow(new RangeError(message));
    }
  });

  it('throws where there is no such limit', () => {
    expect(() => spf({ limits: { void: 2 } as object })).toThrow(new RangeError('there is no limit void'));
  });

  it.each([{ policy: 'reject' }, { policy: 'enforce', permerror: 'reject' }])('throws for %j', (options) => {
    expect(() => spf(options as object)).toThrow(RangeError);
    expect(() => spf(options as object)).toThrow('policy is off, report or enforce, permerror accept or refuse: not');
  });

  it('throws where a network is none', () => {
    expect(() => spf({ skip: ['everywhere'] })).toThrow('everywhere is no network');
  });
});
