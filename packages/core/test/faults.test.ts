import { inMemory } from '@maitred/testing';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createServer, key, Log, replies } from '../src/index.ts';
import type { Key, Plugin, RecipientContext, Sink, Transaction, Verb } from '../src/index.ts';
import { bare } from './kit.ts';

const Score: Key<number, 'transaction'> = key('score', 'transaction');
const ok = replies.ok;
const nothing = undefined as never;

const mail = (handle: (ctx: Transaction) => unknown): Omit<Plugin, 'name'> => ({
  stages: {
    mail: async (ctx, next) => {
      handle(ctx);
      return next();
    },
  },
});

const deliver = (sink: (recipients: Sink['recipients']) => unknown): Omit<Plugin, 'name'> => ({
  stages: { deliver: ({ recipients }) => sink(recipients) as Sink },
});

const verb = (handle: (verb: Verb) => unknown, more: object = {}): Omit<Plugin, 'name'> => ({
  verbs: {
    XTRY: {
      handle: async (it) => {
        await handle(it);
        return ok;
      },
      ...more,
    },
  },
});

/** What a plugin named `mistaken` does wrong, the fault's code, and its whole message in the log. */
const faults: readonly [string, Omit<Plugin, 'name'>, string, string | RegExp][] = [
  [
    'answers nothing',
    { stages: { mail: async () => nothing } },
    'NO_REPLY',
    'mistaken gave no reply in mail: return one of replies.of(); a middleware, what next() gave; accept, true or false',
  ],
  [
    'answers something else',
    { stages: { rcpt: async () => ({ code: '250', lines: 'OK' }) as never } },
    'NO_REPLY',
    'mistaken gave no reply in rcpt: return one of replies.of(); a middleware, what next() gave; accept, true or false',
  ],
  [
    'claims with something else',
    { accepts: { who: 'all', claim: () => true as never } },
    'NO_REPLY',
    'mistaken gave no reply in accepts: return one of replies.of(); a middleware, what next() gave; accept, true or false',
  ],
  [
    'calls next() twice',
    {
      stages: {
        mail: async (_, next) => {
          await next();
          return next();
        },
      },
    },
    'NEXT_TWICE',
    'mistaken called next() twice in mail: call it once',
  ],
  [
    'calls next() twice and waits for neither',
    {
      stages: {
        mail: async (_, next) => {
          void next();
          void next();
          return ok;
        },
      },
    },
    'NEXT_TWICE',
    'mistaken called next() twice in mail: call it once',
  ],
  [
    'delivers to nowhere',
    deliver(() => ({ keep: true })),
    'NO_SINK',
    'mistaken returned something else than a sink from deliver: return recipients and commit, or nothing',
  ],
  [
    'commits and says something else than outcomes',
    deliver((recipients) => ({ recipients, commit: async () => [{ reply: ok }] })),
    'NO_OUTCOME',
    'mistaken committed but told no outcomes: return a recipient of its own and a final reply each, or nothing',
  ],
  [
    'needs a key that nobody set',
    { provides: [Score], ...mail((ctx) => ctx.need(Score)) },
    'UNSET_KEY',
    'score is needed but was not set: use ctx.get, or mend the plugin that sets it',
  ],
  [
    'sets a key it does not name',
    mail((ctx) => ctx.set(Score, 1)),
    'UNDECLARED_KEY',
    'mistaken used the key score without naming it: add it to its requires, optional or provides',
  ],
  [
    'asks for the recipient in mail',
    mail((ctx) => (ctx as unknown as RecipientContext).recipient),
    'OUT_OF_REACH',
    /^recipient .*mail.*mistaken.* was asked for where it does not exist: use it in a stage that has it$/,
  ],
  [
    'lets a recipient in that nobody claimed',
    { stages: { rcpt: async () => replies.of(250, '2.1.5', 'Come in') } },
    'UNCLAIMED',
    /^a 2xx for a recipient came from .*, but nobody claimed it: accept by accepts or server\.accept$/,
  ],
  [
    'owes less than nothing',
    verb(() => {}, { owes: () => -1 }),
    'BAD_DEBT',
    "XTRY's owes gave no count of octets: return a whole number, or close",
  ],
  [
    'reads more than it owes',
    verb(async (it) => {
      for await (const _ of it.octets(5)) throw new Error('unreachable');
    }),
    'NOT_OWED',
    'XTRY read more octets than its owes announced: announce them all',
  ],
  [
    'returns a promise where nobody waits',
    verb(() => {}, { owes: async () => 0 }),
    'NOT_AT_ONCE',
    'mistaken returned a promise from owes, where nobody waits: return the value',
  ],
];

const fail = (): never => {
  throw new Error('the log is full');
};

describe('a plugin that', () => {
  it.each(faults)('%s costs its client a 451, and the log says how to mend it', async (_, parts, code, message) => {
    const { server, log } = bare();
    server
      .use({ name: 'mistaken', ...parts })
      .accept(() => true)
      .deliver(() => {});
    const client = await inMemory.open(server);
    await client.hello();
    const said = [];
    for (const line of ['XTRY', 'MAIL FROM:<a@client.example>', 'RCPT TO:<b@mx.example>', 'DATA', '.'])
      said.push(await client.command(line).catch(() => ({ code: 0, enhanced: undefined, lines: [] })));
    expect(said).toContainEqual(expect.objectContaining({ code: 451, enhanced: '4.3.0' }));
    expect(said.filter(({ code: answer }) => answer === 451).flatMap(({ lines }) => lines)).toEqual(
      expect.arrayContaining(['4.3.0 Requested action aborted: try again later']),
    );
    const about = message instanceof RegExp ? expect.stringMatching(message) : message;
    expect(log.records[0]).toMatchObject({
      level: 'error',
      fields: { id: expect.any(String), err: { name: 'Fault', code: `MAITRED_${code}`, message: about } },
    });
  });

  it('acts after its command was answered is told so', async () => {
    let held: Verb | undefined;
    const { server } = bare();
    server.use({
      name: 'mistaken',
      ...verb((it) => {
        held = it;
      }),
    });
    const client = await inMemory.open(server);
    await client.hello();
    expect(await client.command('XTRY')).toMatchObject({ code: 250 });
    const over = {
      code: 'MAITRED_VERB_OVER',
      message: "XTRY's handler acted after its command was answered: await all it does",
    };
    expect(() => held?.prompt(ok)).toThrow(expect.objectContaining(over));
    await expect(held?.readLine()).rejects.toMatchObject(over);
    expect(() => held?.advertise('x', true)).toThrow(expect.objectContaining(over));
    expect(() => held?.after(() => {})).toThrow(expect.objectContaining(over));
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
  });

  it('fails where the log fails too costs its client no more than a 451', async () => {
    const warned = once(process, 'warning');
    const server = createServer({ hostname: 'mx.example' }).override(Log, { ...console, error: fail, warn: fail });
    server.on('mail', () => Promise.reject(new Error('on purpose')));
    const client = await inMemory.open(server);
    await client.hello();
    expect(await client.command('MAIL FROM:<a@client.example>')).toMatchObject({ code: 451 });
    expect(await client.command('QUIT')).toMatchObject({ code: 221 });
    await server.close();
    expect(await warned).toMatchObject([
      { message: expect.stringMatching(/^the log failed to write "application #1 \(mail\) failed in mail"/) },
    ]);
  });
});
