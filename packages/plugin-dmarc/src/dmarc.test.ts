import { Dns, DkimResults, DmarcResult, Examined } from '@maitred/authentication-results';
import { createServer, definePlugin, Identity } from '@maitred/core';
import { fakeDns, ways, type Client, type Zone } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { chainOf, dkimOf, spfOf } from '../test/evidence.ts';
import { receiver, type Receiver, type Settings } from '../test/receiver.ts';
import { dmarc } from './dmarc.ts';
import { AggregateReports } from './tokens.ts';

const zone = (record: string): Zone => ({ '_dmarc.bank.example': { TXT: [record] } });
const reject = zone('v=DMARC1; p=reject; rua=mailto:d@bank.example');
const from = (...fields: string[]): string => `${fields.map((field) => `From: ${field}\r\n`).join('')}\r\nHello.\r\n`;
const bank = from('The Boss <ceo@bank.example>');
const enforce: Settings = { policy: 'enforce' };
const refused = { code: 550, enhanced: '5.7.1', text: 'Refused by the DMARC policy of bank.example' };

describe.each(ways)('DMARC, $name', ({ open }) => {
  const greeted = async (it: Receiver): Promise<Client> => {
    const client = await open(it.server);
    await client.hello();
    return client;
  };
  const answer = async (it: Receiver, content: string | Buffer): Promise<[number, string]> => {
    const { code, lines } = await (await greeted(it)).mail({ content });
    return [code, lines.join(' ')];
  };

  it('refuses by 550 5.7.1 what fails where its author asks for that', async () => {
    await using it = receiver(enforce, reject);
    expect(await answer(it, bank)).toEqual([refused.code, refused.text]);
    expect(it.kept).toEqual([]);
    expect(it.counted).toMatchObject([{ disposition: 'reject', headerFrom: 'bank.example', source: '127.0.0.1' }]);
  });

  it('answers with an enhanced status code', async () => {
    const plugins = [
      definePlugin({
        name: 'codes',
        format: (reply) => ({ ...reply, lines: reply.lines.map((line) => `${reply.enhanced} ${line}`) }),
      }),
    ];
    await using it = receiver({ ...enforce, plugins }, reject);
    expect((await answer(it, bank))[1]).toMatch(/^5\.7\.1 /);
    await using temporary = receiver(
      { ...enforce, plugins, found: { dkim: [dkimOf('temperror', 'bank.example')] } },
      reject,
    );
    expect((await answer(temporary, bank))[1]).toMatch(/^4\.7\.1 /);
  });

  it('lets pass what aligned', async () => {
    await using it = receiver({ ...enforce, found: { dkim: [dkimOf('pass', 'bank.example')] } }, reject);
    expect(await answer(it, bank)).toMatchObject([250, expect.anything()]);
    expect(it.kept).toMatchObject([
      {
        result: 'pass',
        domain: 'bank.example',
        policy: 'reject',
        disposition: 'none',
        policyDomain: 'bank.example',
        organizationalDomain: 'bank.example',
        aligned: { dkim: 'bank.example' },
      },
    ]);
    expect(it.counted).toMatchObject([{ disposition: 'pass', aligned: { dkim: true, spf: false } }]);
  });

  it('awaits SPF where that is all there is', async () => {
    await using it = receiver({ ...enforce, found: { spf: spfOf('pass', 'mail.bank.example') } }, reject);
    expect(await answer(it, bank)).toMatchObject([250, expect.anything()]);
    expect(it.kept).toMatchObject([{ aligned: { spf: 'mail.bank.example' } }]);
  });

  it('tells who keeps a message that it is for the quarantine', async () => {
    await using it = receiver(enforce, zone('v=DMARC1; p=quarantine'));
    expect(await answer(it, bank)).toMatchObject([250, expect.anything()]);
    expect(it.kept).toMatchObject([{ result: 'fail', disposition: 'quarantine' }]);
    expect(it.counted).toMatchObject([{ disposition: 'quarantine' }]);
  });

  it('only tells in report mode, the default', async () => {
    await using it = receiver({}, reject);
    expect(await answer(it, bank)).toMatchObject([250, expect.anything()]);
    expect(await answer(it, from('a@bank.example, b@evil.example'))).toMatchObject([250, expect.anything()]);
    expect(it.kept).toMatchObject([
      { result: 'fail', policy: 'reject', disposition: 'none' },
      { result: 'permerror', disposition: 'none' },
    ]);
    expect(it.counted).toMatchObject([{ disposition: 'none', reasons: [{ type: 'local_policy' }] }]);
  });

  it('looks at nothing when it is off', async () => {
    await using it = receiver({ policy: 'off' }, reject);
    expect(await answer(it, bank)).toMatchObject([250, expect.anything()]);
    expect([it.kept, it.counted, it.dns.questions]).toEqual([[undefined], [], []]);
  });

  it.each([
    ['several From fields', from('a@bank.example', 'a@bank.example')],
    ['several From fields, one far below', `From: a@bank.example\r\nSubject: x\r\nFROM : b@evil.example\r\n\r\n`],
    ['several domains', from('a@bank.example, b@evil.example')],
    ['an address without a domain', from('a@bank.example, b@')],
    ['an address where one may be a name', from('"ceo@bank.example"')],
    ['an address that only some decode', from('=?utf-8?q?ceo=40bank.example?=')],
    ['two addresses of one mailbox', from('<a@bank.example> <b@evil.example>')],
  ])('refuses a From of %s by 550 5.7.1, whatever signed it', async (_, content) => {
    await using it = receiver(
      { ...enforce, found: { dkim: [dkimOf('pass', 'bank.example')] } },
      zone('v=DMARC1; p=none'),
    );
    expect(await answer(it, content)).toEqual([550, 'DMARC: From has to name addresses of one domain, in one field']);
    await using lenient = receiver({ ...enforce, ambiguousFrom: 'accept' }, reject);
    expect(await answer(lenient, content)).toMatchObject([250, expect.anything()]);
    expect(lenient.kept).toMatchObject([{ result: 'permerror', domain: '' }]);
    expect(lenient.counted).toEqual([]);
  });

  it.each(['ceo@bank(x).example', 'ceo @ bank . example', '<@evil.example:ceo@BANK.example.>', 'ceo@ｂａｎｋ.example'])(
    'finds the policy of %j',
    async (author) => {
      await using it = receiver({ ...enforce, found: { dkim: [dkimOf('pass', 'evil.example')] } }, reject);
      expect(await answer(it, Buffer.from(from(author)))).toEqual([550, 'Refused by the DMARC policy of bank.example']);
    },
  );

  it('is told that there is more From than was read, and trusts none of it', async () => {
    const headers = { parsed: [{ key: 'from', casedKey: 'From', line: Buffer.from('From: a@evil.example') }] };
    const findings = async (): Promise<never> => ({ headers, fromFields: 1, unreadFrom: true }) as never;
    const partly = definePlugin({
      name: 'partly',
      provides: [Examined],
      stages: {
        body: (ctx) => {
          ctx.set(Examined, { want: () => {}, findings });
          return undefined;
        },
      },
    });
    await using it = receiver({ ...enforce, plugins: [partly] }, reject);
    expect(await answer(it, bank)).toEqual([550, 'DMARC: From has to name addresses of one domain, in one field']);
  });

  it('lets pass who has no author', async () => {
    await using it = receiver(enforce, reject);
    expect(await answer(it, 'Subject: nobody\r\n\r\n')).toMatchObject([250, expect.anything()]);
    expect(await answer(it, '')).toMatchObject([250, expect.anything()]);
    expect(await answer(it, from('MAILER-DAEMON <>'))).toMatchObject([250, expect.anything()]);
    expect(it.kept).toMatchObject([{ result: 'none' }, { result: 'none' }, { result: 'none' }]);
  });

  it.each([
    ['SPF', { spf: spfOf('temperror', 'bank.example') }, reject],
    ['a key', { dkim: [dkimOf('temperror', 'bank.example')] }, reject],
    ['the policy', {}, { '_dmarc.bank.example': 'timeout' }],
    ['the policy above', {}, { '_dmarc.example': 'servfail' }],
    ['anybody who looks', { spf: null, dkim: null }, reject],
  ] as const)('answers 451 4.7.1 where it failed for want of %s', async (_, found, dns) => {
    await using it = receiver({ ...enforce, found }, dns);
    expect(await answer(it, bank)).toEqual([
      451,
      "The DMARC policy of bank.example can't be applied now: try again later",
    ]);
    expect(it.counted).toEqual([]);
    await using report = receiver({ found }, dns);
    expect(await answer(report, bank)).toMatchObject([250, expect.anything()]);
    expect(report.kept).toMatchObject([{ result: 'temperror', disposition: 'none' }]);
  });

  it('tells the log, once, that it can judge nobody without SPF and DKIM', async () => {
    await using it = receiver({ ...enforce, found: { spf: null, dkim: null } }, reject);
    for (let n = 0; n < 2; n += 1) expect(await answer(it, bank)).toMatchObject([451, expect.anything()]);
    expect(it.log.records).toMatchObject([
      {
        level: 'warn',
        message: 'DMARC defers mail that neither SPF nor DKIM was checked for: use spf() or dkim() too',
      },
    ]);
  });

  it('is not held up by a temporary error where nothing is asked', async () => {
    await using it = receiver(
      { ...enforce, found: { spf: spfOf('temperror', 'bank.example') } },
      zone('v=DMARC1; p=none'),
    );
    expect(await answer(it, bank)).toMatchObject([250, expect.anything()]);
  });

  it('leaves alone who is authenticated, and who is listed', async () => {
    const admitted = definePlugin({
      name: 'admitted',
      provides: [Identity],
      stages: {
        helo: (ctx, next) => {
          ctx.set(Identity, { id: 'ann', by: 'PLAIN' });
          return next();
        },
      },
    });
    await using it = receiver({ ...enforce, plugins: [admitted] }, reject);
    expect(await answer(it, bank)).toMatchObject([250, expect.anything()]);
    await using listed = receiver({ ...enforce, skip: ['192.0.2.0/24'] }, reject);
    const near = await open(listed.server, { remote: { address: '192.0.2.7', port: 1 } });
    await near.hello();
    expect(await near.mail({ content: bank })).toMatchObject({ code: 250 });
    const far = await open(listed.server, { remote: { address: '198.51.100.7', port: 1 } });
    await far.hello();
    expect(await far.mail({ content: bank })).toMatchObject({ code: 550 });
    expect([it.kept, it.counted, listed.kept]).toEqual([[undefined], [], [undefined]]);
  });

  it('is overridden by a chain that a listed sealer sealed, and by no other', async () => {
    const hops = [['list.example', 'pass', 'bank.example']] as const;
    await using it = receiver({ ...enforce, found: { arc: chainOf(hops, 1) } }, reject);
    expect(await answer(it, bank)).toMatchObject([250, expect.anything()]);
    expect(it.kept).toMatchObject([
      { result: 'fail', disposition: 'none', resinfo: [{ reason: expect.stringContaining('arc=pass') as string }] },
    ]);
    expect(it.counted).toMatchObject([
      {
        disposition: 'none',
        reasons: [{ type: 'local_policy', comment: 'arc=pass as[1].d=list.example as[1].s=seal' }],
      },
    ]);
    await using strange = receiver({ ...enforce, found: { arc: chainOf(hops, 2) } }, reject);
    expect(await answer(strange, bank)).toEqual([refused.code, refused.text]);
  });

  it('asks the application before it refuses', async () => {
    const asked: unknown[] = [];
    const override: Settings['override'] = (message, { result, domain, policy }) => {
      asked.push([message.sender.mailbox, result, domain, policy]);
      return message.sender.local === 'list' ? { type: 'mailing_list', comment: 'our list' } : undefined;
    };
    await using it = receiver({ ...enforce, override }, reject);
    const client = await greeted(it);
    expect(await client.mail({ from: 'list@lists.example', content: bank })).toMatchObject({ code: 250 });
    expect(await client.mail({ from: 'x@lists.example', content: bank })).toMatchObject({ code: 550 });
    expect(await client.mail({ from: 'x@lists.example', content: from('a@other.example') })).toMatchObject({
      code: 250,
    });
    expect(asked).toEqual([
      ['list@lists.example', 'fail', 'bank.example', 'reject'],
      ['x@lists.example', 'fail', 'bank.example', 'reject'],
    ]);
    expect(it.counted).toMatchObject([{ reasons: [{ type: 'mailing_list' }] }, { disposition: 'reject' }]);
  });

  it('answers 451 where the application fails to say', async () => {
    await using it = receiver({ ...enforce, override: onFire }, reject);
    expect((await answer(it, bank))[0]).toBe(451);
    expect(it.log.records).toMatchObject([{ fields: { plugin: 'dmarc' } }]);
  });

  it('is the same for each message of a session', async () => {
    await using it = receiver({ ...enforce, found: { dkim: [dkimOf('pass', 'evil.example')] } }, reject);
    const client = await greeted(it);
    for (const [content, code] of [
      [bank, 550],
      [from('x@evil.example'), 250],
      [bank, 550],
    ] as const) {
      expect(await client.mail({ content })).toMatchObject({ code });
    }
    expect(it.kept).toMatchObject([{ result: 'none', domain: 'evil.example' }]);
  });

  it('tells no name that is none, and nothing that ends a line', async () => {
    const strange: Zone = { '_dmarc.b_nk.example': { TXT: ['v=DMARC1; p=reject'] } };
    await using it = receiver(enforce, strange);
    expect(await answer(it, from('ceo@b_nk.example'))).toEqual([550, 'Refused by the DMARC policy']);
  });

  it('waits for no DNS that never answers: 451', async () => {
    const never: Zone = { '_dmarc.bank.example': 'never' };
    await using it = receiver({ ...enforce, cached: true }, never);
    const client = await greeted(it);
    const reply = client.mail({ content: bank });
    await asking(it);
    await it.clock.advance(5_000);
    expect(await reply).toMatchObject({ code: 451 });
  });

  it('leaves nothing behind of a client that vanishes', async () => {
    const never: Zone = { '_dmarc.bank.example': 'never' };
    await using lost = receiver(enforce, never);
    const gone = await greeted(lost);
    const nothing = gone.mail({ content: bank }).catch(() => 'lost');
    await asking(lost);
    gone.destroy();
    expect(await nothing).toBe('lost');
    await expect.poll(() => lost.dns.pending).toBe(0);
    expect([lost.kept, lost.counted]).toEqual([[], []]);
  });

  it('goes on where nobody can count', async () => {
    for (const add of [
      () => Promise.reject(new Error('full')),
      () => {
        throw new Error('full');
      },
    ]) {
      await using it = receiver({ ...enforce, reports: { add } }, reject);
      expect((await answer(it, bank))[0]).toBe(550);
      expect(it.log.records).toMatchObject([{ message: 'a message is missing in DMARC reports' }]);
    }
  });
});

const onFire = (): never => {
  throw new Error('the list of lists is on fire');
};

const asking = (it: Receiver): Promise<void> => expect.poll(() => it.dns.pending).toBeGreaterThan(0);

describe('dmarc', () => {
  it('is used behind those whose results it needs', async () => {
    const late = definePlugin({
      name: 'late',
      provides: [DkimResults],
      stages: { message: (_, next) => next() },
    });
    const server = createServer({ hostname: 'mx.example' }).override(Dns, fakeDns()).use(dmarc(), late);
    await expect(server.start()).rejects.toThrow(/dmarc.*dkim/s);
  });

  it('needs the DNS', async () => {
    await expect(createServer({ hostname: 'mx.example' }).use(dmarc()).start()).rejects.toThrow(/dns/);
  });

  it('takes a store of the application in its place', async () => {
    const { server } = receiver({});
    const { services } = server.describe();
    expect(JSON.stringify(services)).toContain(AggregateReports.description);
    expect(DmarcResult.name).toBe('dmarc');
  });

  it('refuses what is no network', () => {
    expect(() => dmarc({ skip: ['mx.example'] })).toThrow('mx.example is no network');
    for (const options of [{ policy: 'reject' }, { ambiguousFrom: 'reject' }]) {
      expect(() => dmarc(options as object)).toThrow(
        'policy is off, report or enforce, ambiguousFrom accept or refuse: not',
      );
    }
  });
});
