import { Identity, on, replies, service, type Middleware, type Plugin, type Reply } from '@maitred/core';
import { inMemory, script, ways, type Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { Auth, auth, Passwords, type AuthContext } from './auth.ts';
import { inbox } from './receiver.ts';

/** Bob may log in; WHO tells who the client is. */
const bob: Plugin = {
  name: 'bob',
  services: [
    service({
      token: Passwords,
      create: () => ({ right: async (id, password) => id === 'bob' && password === 'pässword' }),
    }),
  ],
  optional: [Identity],
  verbs: { WHO: { handle: async (verb) => replies.of(250, undefined, verb.get(Identity)?.id ?? 'nobody') } },
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const right = base64('\0bob\0pässword');
const wrong = base64('\0bob\0guess');

async function hello(client: Client): Promise<void> {
  await script(client, 'S: 220\nC: EHLO client.example\nS: 250-mx.example\nS: 250 AUTH PLAIN LOGIN');
}

describe.each(ways)('AUTH, $name', ({ open }) => {
  it.each([
    ['PLAIN, at once', `C: AUTH PLAIN ${right}`],
    ['PLAIN, when asked', `C: AUTH plain\nS: 334\nC: ${right}`],
    [
      'LOGIN',
      `C: AUTH LOGIN\nS: 334 ${base64('Username:')}\nC: ${base64('bob')}\nS: 334 ${base64('Password:')}\nC: ${base64('pässword')}`,
    ],
  ])('tells who the client is: %s', async (_, said) => {
    await using rig = inbox([auth(), bob]);
    const client = await open(rig.server);
    await hello(client);
    await script(client, `C: WHO\nS: 250 nobody\n${said}\nS: 235 Welcome\nC: WHO\nS: 250 bob`);
  });

  it.each([
    ['the wrong password', `C: AUTH PLAIN ${wrong}`, 535],
    ['an unknown mechanism', 'C: AUTH GSSAPI', 504],
    ['no mechanism', 'C: AUTH', 504],
    ['no base64', 'C: AUTH PLAIN ####', 501],
    ['no base64 when asked', 'C: AUTH PLAIN\nS: 334\nC: ####', 501],
    ['a cancelled first step', 'C: AUTH LOGIN\nS: 334\nC: *', 501],
    ['a cancelled second step', `C: AUTH LOGIN\nS: 334\nC: ${base64('bob')}\nS: 334\nC: *`, 501],
  ])('leaves the client anonymous after %s, and takes another try', async (_, said, code) => {
    await using rig = inbox([auth(), bob]);
    const client = await open(rig.server);
    await hello(client);
    await script(
      client,
      `${said}\nS: ${code}\nC: WHO\nS: 250 nobody\nC: AUTH PLAIN ${right}\nS: 235\nC: WHO\nS: 250 bob`,
    );
  });

  it('is offered and understood by EHLO alone, once, and outside of transactions', async () => {
    await using rig = inbox([auth(), bob]);
    const client = await open(rig.server);
    await script(
      client,
      `S: 220\nC: AUTH PLAIN ${right}\nS: 500\nC: HELO x\nS: 250 mx.example\nC: AUTH PLAIN ${right}\nS: 500`,
    );
    await script(client, 'C: EHLO x\nS: 250-\nS: 250 AUTH PLAIN LOGIN\nC: MAIL FROM:<>\nS: 250\nC: AUTH PLAIN\nS: 503');
    await script(client, `C: RSET\nS: 250\nC: AUTH PLAIN ${right}\nS: 235\nC: AUTH PLAIN ${right}\nS: 503`);
    await script(client, `C: EHLO x\nS: 250 mx.example\nC: WHO\nS: 250 bob\nC: AUTH PLAIN ${right}\nS: 503`);
  });

  it('is offered to whom its owner says', async () => {
    await using rig = inbox([auth({ offered: ({ remote }) => remote.address === '192.0.2.1' }), bob]);
    const stranger = await open(rig.server, { remote: { address: '192.0.2.2', port: 1 } });
    await script(stranger, `S: 220\nC: EHLO x\nS: 250 mx.example\nC: AUTH PLAIN ${right}\nS: 500`);
    const friend = await open(rig.server, { remote: { address: '192.0.2.1', port: 1 } });
    await hello(friend);
  });

  it('takes a line of 12,288 octets, and nothing of a longer one as a command', async () => {
    await using rig = inbox([auth(), bob]);
    const client = await open(rig.server);
    await hello(client);
    const longest = 'Q'.repeat(12_286);
    await script(client, `C: AUTH PLAIN\nS: 334\nC: ${longest}\nS: 501\nC: AUTH PLAIN ${longest.slice(11)}\nS: 501`);
    await script(
      client,
      `C: AUTH PLAIN\nS: 334\nC: Q${longest}\nS: 500\nC: AUTH PLAIN ${longest}\nS: 500\nC: WHO\nS: 250 nobody`,
    );
    await script(client, `C: NOOP ${'A'.repeat(4096)}\nS: 500\nC: NOOP\nS: 250`);
  });

  it('ends the connection at a response without its CR: who knows what follows', async () => {
    await using rig = inbox([auth(), bob]);
    const client = await open(rig.server);
    await hello(client);
    await script(client, 'C: AUTH PLAIN\nS: 334');
    client.send(`${right}\nWHO\r\n`);
    await script(client, 'S: 500');
    expect(await client.closed()).toBe('');
  });

  it.each([
    ['a NUL', Buffer.from('a\0b\r\n')],
    ['a control character', Buffer.from('a\x1bb\r\n')],
    ['no UTF-8', Buffer.from([0xc3, 0x28, 0x0d, 0x0a])],
  ])('takes no response for text that holds %s', async (_, line) => {
    await using rig = inbox([auth(), bob]);
    const client = await open(rig.server);
    await hello(client);
    await script(client, 'C: AUTH PLAIN\nS: 334');
    client.send(line);
    await script(client, 'S: 501\nC: WHO\nS: 250 nobody');
  });

  it('is left by a client that goes in the middle', async () => {
    const causes: string[] = [];
    await using rig = inbox([auth(), bob, { name: 'end', stages: { close: ({ cause }) => void causes.push(cause) } }]);
    const client = await open(rig.server);
    await hello(client);
    await script(client, 'C: AUTH LOGIN\nS: 334');
    client.end();
    await client.closed();
    await rig[Symbol.asyncDispose]();
    expect(causes).toEqual(['lost']);
    expect(rig.log.records).toEqual([]);
  });
});

/** A ring that lets nobody in, after the handler did. */
const ring = (seen: (string | undefined)[]): Plugin => ({
  name: 'ring',
  optional: [Identity],
  stages: {
    command: async (ctx, next) => {
      const reply = await next();
      seen.push(ctx.get(Identity)?.id);
      return ctx.command.verb === 'AUTH' ? replies.of(454, '4.7.0', 'Not now') : reply;
    },
  },
});

/** A hook of the stage that notes what it sees; with a `verdict` it answers itself. */
function hook(name: string, seen: string[], order?: 'pre' | 'post', verdict?: Reply): Plugin {
  const handle: Middleware<AuthContext> = async (ctx, next) => {
    seen.push(`${name} ${ctx.mechanism} ${ctx.claimed} ${ctx.attempt} ${ctx.helo} ${ctx.get(Identity)?.id}`);
    return verdict ?? next();
  };
  return { name, requires: [Auth], optional: [Identity], on: [on(Auth, order ? { order, handle } : handle)] };
}

describe.each(ways)('the stage auth, $name', ({ open }) => {
  it('shows its facts laid over the session, to its hooks in their order', async () => {
    const seen: string[] = [];
    await using rig = inbox([
      auth(),
      bob,
      hook('last', seen, 'post'),
      hook('second', seen),
      hook('first', seen, 'pre'),
    ]);
    const client = await open(rig.server);
    await hello(client);
    await script(client, `C: AUTH PLAIN ${wrong}\nS: 535\nC: AUTH PLAIN ${right}\nS: 235`);
    const told = 'PLAIN bob 2 client.example undefined';
    expect(seen).toEqual([`first ${told}`, `second ${told}`, `last ${told}`]);
  });

  it('may refuse: the client stays anonymous', async () => {
    await using rig = inbox([auth(), bob, hook('no', [], undefined, replies.of(432, '4.7.12', 'Transition needed'))]);
    const client = await open(rig.server);
    await hello(client);
    await script(client, `C: AUTH PLAIN ${right}\nS: 432\nC: WHO\nS: 250 nobody`);
  });

  it('takes more than one hook of a plugin, and of the application', async () => {
    const seen: string[] = [];
    const twice: Plugin = {
      name: 'twice',
      requires: [Auth],
      on: ['one', 'two'].map((name) => on(Auth, async (_, next) => (seen.push(name), next()))),
    };
    await using rig = inbox([auth(), bob, twice]);
    rig.server.on(Auth, async (ctx, next) => (seen.push(ctx.claimed), next()));
    const client = await open(rig.server);
    await hello(client);
    await script(client, `C: AUTH PLAIN ${right}\nS: 235`);
    expect(seen).toEqual(['one', 'two', 'bob']);
  });
});

describe('Identity', () => {
  it('is what the outermost ring let through, and not before it was said', async () => {
    const seen: (string | undefined)[] = [];
    await using rig = inbox([auth(), bob, ring(seen)]);
    const client = await inMemory.open(rig.server);
    await hello(client);
    await script(client, `C: AUTH PLAIN ${right}\nS: 454\nC: WHO\nS: 250 nobody`);
    expect(seen).toEqual([undefined, undefined, undefined]);
  });

  it('is not lost by what nobody asked for in time', async () => {
    await using rig = inbox([auth(), bob], { deadlines: { command: 60_000 } });
    const client = await inMemory.open(rig.server);
    await hello(client);
    await script(client, 'C: AUTH PLAIN\nS: 334');
    await rig.clock.advance(61_000);
    await script(client, 'S: 421');
    expect(await client.closed()).toBe('');
  });
});
