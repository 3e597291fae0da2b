import { script, ways, type Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { house, implicit, plain } from './house.ts';

const states = ['plain', 'tls', 'authenticated'] as const;

/** A value that each parameter takes. */
const values: Readonly<Record<string, string>> = {
  SIZE: 'SIZE=1000',
  BODY: 'BODY=8BITMIME',
  AUTH: 'AUTH=<>',
  RET: 'RET=HDRS',
  ENVID: 'ENVID=QQ314159',
  NOTIFY: 'NOTIFY=NEVER',
  ORCPT: 'ORCPT=rfc822;eve@elsewhere.example',
};

describe.each(ways)('describe() of the submission server, $name', ({ open }) => {
  const open465 = async (server: ReturnType<typeof house>['server']): Promise<Client> => {
    const client = await open(server, { tls: implicit() });
    await client.hello();
    return client;
  };
  const enter = {
    plain: (server) => open(server),
    tls: open465,
    authenticated: async (server) => {
      const client = await open465(server);
      await script(client, `C: AUTH PLAIN ${plain}\nS: 235`);
      return client;
    },
  } satisfies Record<(typeof states)[number], (server: ReturnType<typeof house>['server']) => Promise<Client>>;

  it.each(states)('says what EHLO says: %s', async (state) => {
    await using it = house({});
    const { keywords } = it.server.describe();
    const client = await enter[state](it.server);
    const { lines } = await client.hello();
    expect(lines.slice(1)).toEqual(keywords[state]);
  });

  it('says what EHLO says after STARTTLS', async () => {
    await using it = house({});
    const client = await open(it.server);
    await client.hello();
    expect(await client.command('STARTTLS')).toMatchObject({ code: 220 });
    await client.secure();
    expect((await client.hello()).lines.slice(1)).toEqual(it.server.describe().keywords.tls);
  });

  it('lists mechanisms and parameters in each state', async () => {
    await using it = house({});
    const { keywords, accepted } = it.server.describe();
    const mechanisms = (state: (typeof states)[number]): string[] =>
      keywords[state].filter((line) => line.startsWith('AUTH ')).flatMap((line) => line.split(' ').slice(1));
    expect(mechanisms('plain')).toEqual([]);
    expect(mechanisms('authenticated')).toEqual([]);
    expect(mechanisms('tls').toSorted()).toEqual([
      'LOGIN',
      'PLAIN',
      'SCRAM-SHA-1',
      'SCRAM-SHA-1-PLUS',
      'SCRAM-SHA-256',
      'SCRAM-SHA-256-PLUS',
    ]);
    const always = ['SIZE', 'BODY', 'SMTPUTF8', 'RET', 'ENVID'];
    const rcpt = ['NOTIFY', 'ORCPT'];
    expect(accepted).toEqual({
      plain: { MAIL: always, RCPT: rcpt },
      tls: { MAIL: [...always, 'AUTH'], RCPT: rcpt },
      authenticated: { MAIL: always, RCPT: rcpt },
    });
    expect(keywords.plain).toContain('STARTTLS');
    expect(keywords.tls).not.toContain('STARTTLS');
  });

  it('lists parameters that are taken where a mail may begin', async () => {
    await using it = house({});
    const { accepted } = it.server.describe();
    const client = await enter.authenticated(it.server);
    await client.hello();
    const [mail, rcpt] = (['MAIL', 'RCPT'] as const).map((verb) =>
      accepted.authenticated[verb].map((name) => values[name] ?? name).join(' '),
    );
    expect(await client.command(`MAIL FROM:<ann@example.org> ${mail}`)).toMatchObject({ code: 250 });
    expect(await client.command(`RCPT TO:<eve@elsewhere.example> ${rcpt}`)).toMatchObject({ code: 250 });
    expect(await client.command('RCPT TO:<eve@elsewhere.example> RET=FULL')).toMatchObject({ code: 555 });
  });

  it('names everybody who has a say', async () => {
    await using it = house({});
    expect(it.server.describe()).toMatchObject({
      acceptors: ['relay-for-authenticated: any recipient, for an authenticated client'],
      sinks: ['smarthost'],
      stages: { mail: ['size', 'sender-must-match'] },
    });
  });
});
