import { key, replies, type Key, type Plugin, type Transaction } from '@maitred/core';
import { inMemory, script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { bdat } from './bdat.ts';
import { inbox, receiver } from './receiver.ts';
import { fails } from './sinks.ts';
import { state } from './state.ts';
import { xclient } from './xclient.ts';

const no = replies.of(450, '4.7.1', 'Not now');

/** Refuses in every place that is asked for: a ring by `NO` behind the verb, stages by the word in what they see. */
const refuser: Plugin = {
  name: 'refuser',
  stages: {
    command: async (ctx, next) => {
      if (ctx.command.verb === 'DATA' && ctx.transaction?.sender.local === 'before') return no;
      const reply = await next();
      const after = ctx.command.args.includes('ring') || (ctx.command.verb === 'DATA' && ctx.helo === 'after.example');
      return after ? no : reply;
    },
    helo: async (ctx, next) => (ctx.helo === 'refused' ? no : next()),
    mail: async (ctx, next) => (ctx.sender.local === 'refused' ? no : next()),
    rcpt: async (ctx, next) => {
      const reply = await next();
      return ctx.recipient.path.local === 'refused' ? no : reply;
    },
    data: async (ctx, next) => (ctx.sender.local === 'nodata' ? no : next()),
    body: (ctx) => {
      let seen = '';
      return { write: (chunk) => ((seen += chunk.toString()).includes('tap') ? ctx.refuse(no) : undefined) };
    },
    message: async (ctx, next) => ((await ctx.content.bytes(1000)).includes('message') ? no : next()),
  },
};

const hello = 'S: 220\nC: EHLO a.example\nS: 250';
const mail = `${hello}\nC: MAIL FROM:<a@x>\nS: 250`;
const rcpt = `${mail}\nC: RCPT TO:<b@x>\nS: 250`;
const from = (sender: string): string => `${hello}\nC: MAIL FROM:<${sender}@x>\nS: 250\nC: RCPT TO:<b@x>\nS: 250`;
const content = (text: string, code: number): string => `C: DATA\nS: 354\nC: ${text}\nC: .\nS: ${code}`;

/** What was said, and what is true then: the greeting with its keys, the transaction, its recipients. */
const rows: readonly (readonly [said: string, state: string])[] = [
  ['S: 220', 'nobodyc none'],
  ['S: 220\nC: EHLO\nS: 501', 'nobodyc none'],
  ['S: 220\nC: EHLO refused\nS: 450', 'nobodyc none'],
  [hello, 'a.examplecs none'],
  [`${hello}\nC: HELO b.example\nS: 250`, 'b.examplecs none'],
  [`${hello}\nC: EHLO refused\nS: 450`, 'a.examplecs none'],
  [`${hello}\nC: MAIL FROM:<refused@x>\nS: 450`, 'a.examplecs none'],
  [`${hello}\nC: MAIL FROM:<ring@x>\nS: 450`, 'a.examplecs none'],
  [`${hello}\nC: MAIL FROM:a@x\nS: 501`, 'a.examplecs none'],
  [`${hello}\nC: MAIL FROM:<a@x> X=1\nS: 555`, 'a.examplecs none'],
  [`${hello}\nC: RCPT TO:<b@x>\nS: 503\nC: DATA\nS: 503`, 'a.examplecs none'],
  [mail, 'a.examplecs at'],
  [`${mail}\nC: MAIL FROM:<other@x>\nS: 503`, 'a.examplecs at'],
  [`${mail}\nC: RCPT TO:<refused@x>\nS: 450\nC: RCPT TO:<>\nS: 501\nC: RCPT TO:<b@x> X=1\nS: 555`, 'a.examplecs at'],
  [`${mail}\nC: DATA\nS: 554`, 'a.examplecs at'],
  [rcpt, 'a.examplecs at br'],
  [`${rcpt}\nC: RCPT TO:<ring@x>\nS: 450\nC: RCPT TO:<c@x>\nS: 250`, 'a.examplecs at br cr'],
  [`${rcpt}\nC: RCPT TO:<c@x>\nS: 250\nC: RCPT TO:<d@x>\nS: 452`, 'a.examplecs at br cr'],
  [`${rcpt}\nC: EHLO refused\nS: 450\nC: EHLO\nS: 501\nC: HELO ring\nS: 450`, 'a.examplecs at br'],
  [`${rcpt}\nC: VRFY b\nS: 252\nC: EXPN b\nS: 502\nC: NOOP\nS: 250\nC: HELP\nS: 214`, 'a.examplecs at br'],
  [`${rcpt}\nC: WHAT\nS: 500\nC: NOOP ${'x'.repeat(3000)}\nS: 500\nC: \tNOOP\nS: 554`, ''],
  [`${rcpt}\nC: RSET now\nS: 501\nC: QUIT now\nS: 501\nC: DATA now\nS: 501`, 'a.examplecs at br'],
  [`${rcpt}\nC: RSET\nS: 250`, 'a.examplecs none'],
  [`${rcpt}\nC: EHLO b.example\nS: 250`, 'b.examplecs none'],
  [`${rcpt}\nC: HELO b.example\nS: 250`, 'b.examplecs none'],
  [`${from('before')}\nC: DATA\nS: 450`, 'a.examplecs beforet br'],
  [`${from('nodata')}\nC: DATA\nS: 450`, 'a.examplecs nodatat br'],
  [`${rcpt}\n${content('kept', 250)}`, 'a.examplecs none'],
  [`${rcpt}\n${content('tap', 450)}`, 'a.examplecs none'],
  [`${rcpt}\n${content('message', 450)}`, 'a.examplecs none'],
  [`${rcpt}\n${content('prepare', 451)}`, 'a.examplecs none'],
  [`${rcpt}\n${content('commit', 451)}`, 'a.examplecs none'],
  [`${rcpt.replace('a.example', 'after.example')}\n${content('message', 450)}`, 'after.examplecs none'],
  [`${rcpt}\nC: BDAT 6\nC: kept\nS: 250`, 'a.examplecs at br chunks'],
  [`${rcpt}\nC: BDAT 6 LAST\nC: kept\nS: 250`, 'a.examplecs none'],
  [`${rcpt}\nC: BDAT 5\nC: tap\nS: 450`, 'a.examplecs none'],
  [`${rcpt}\nC: BDAT 5 LAST\nC: tap\nS: 450`, 'a.examplecs none'],
  [`${rcpt}\nC: BDAT 9 LAST\nC: message\nS: 450`, 'a.examplecs none'],
  [`${rcpt}\nC: BDAT 6\nC: kept\nS: 250\nC: DATA\nS: 503\nC: RCPT TO:<c@x>\nS: 503`, 'a.examplecs at br chunks'],
  [`${rcpt}\nC: BDAT 6\nC: kept\nS: 250\nC: RSET\nS: 250`, 'a.examplecs none'],
  [`${from('nodata')}\nC: BDAT 6\nC: kept\nS: 450`, 'a.examplecs none'],
  [`${mail}\nC: BDAT 6\nC: kept\nS: 554`, 'a.examplecs none'],
];

/** A sink that fails in the phase that the message names. */
const failing: Plugin = {
  name: 'failing',
  stages: {
    deliver: async ({ content, recipients }) => {
      const text = (await content.bytes(1000)).toString();
      const phase = (name: string) => (): Promise<void> => (text.includes(name) ? fails() : Promise.resolve());
      return { recipients, prepare: phase('prepare'), commit: phase('commit') };
    },
  },
};

describe.each(ways)('what is true, $name', ({ open }) => {
  it.each(rows)('%s', async (said, is) => {
    await using rig = inbox([state(), refuser, bdat(), failing], { limits: { recipients: 2 } });
    const client = await open(rig.server);
    await script(client, said);
    if (is !== '') await script(client, `C: STATE\nS: 250 ${is}\nC: NOOP\nS: 250 OK`);
    else expect(await client.closed()).toBe('');
  });

  it('is dropped whole by a session that starts anew, but for what is of the connection', async () => {
    await using rig = receiver([state(), xclient({ trusted: () => true })]);
    const client = await open(rig.server);
    await script(client, `${hello}\nC: XCLIENT ADDR=192.0.2.1\nS: 220\nC: STATE\nS: 250 nobodyc none`);
  });
});

describe('a key of the session', () => {
  const Count: Key<number, 'session'> = key('test:count', 'session');

  it('that a ring sets around EHLO is not lost with what EHLO replaces', async () => {
    const counter: Plugin = {
      name: 'counter',
      provides: [Count],
      stages: {
        command: async (ctx, next) => {
          ctx.set(Count, (ctx.get(Count) ?? 0) + 1);
          const reply = await next();
          ctx.set(Count, (ctx.get(Count) ?? 0) + 10);
          return reply;
        },
      },
      verbs: { COUNT: { handle: async (verb) => replies.of(250, undefined, String(verb.get(Count))) } },
    };
    await using rig = receiver(counter);
    const client = await inMemory.open(rig.server);
    await script(client, 'S: 220\nC: NOOP\nS: 250\nC: EHLO x\nS: 250\nC: COUNT\nS: 250 23');
  });
});

describe('a key of the transaction', () => {
  const Of: Key<string, 'transaction'> = key('test:of', 'transaction');

  it('is gone with it, but not from under whoever holds it', async () => {
    const held: Transaction[] = [];
    const holder: Plugin = {
      name: 'holder',
      provides: [Of],
      stages: {
        mail: async (ctx, next) => {
          held.push(ctx);
          if (held.length === 1) ctx.set(Of, 'the first');
          return next();
        },
      },
    };
    await using rig = inbox(holder);
    const client = await inMemory.open(rig.server);
    await script(client, `${hello}\nC: MAIL FROM:<a@x>\nS: 250\nC: RCPT TO:<b@x>\nS: 250\nC: RSET\nS: 250`);
    await script(client, 'C: MAIL FROM:<c@x>\nS: 250');
    expect(held.map((each) => [each.get(Of), each.sender.mailbox, each.recipients.length])).toEqual([
      ['the first', 'a@x', 1],
      [undefined, 'c@x', 0],
    ]);
    expect(held[0]?.id).not.toBe(held[1]?.id);
  });
});
