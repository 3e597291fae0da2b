import { on, replies, type Plugin, type Reply } from '@maitred/core';
import { ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { Auth } from './auth.ts';
import { culprit, middleware, middlewareWrongs, work, wrongs, type Culprit, type Wrong } from './misbehaviour.ts';
import { provoke, type Step } from './provoke.ts';

const unavailable = '451 Requested action aborted: try again later';
/** Fails closed: a fixed text, a name in the log, and everybody else goes on. */
const closed = {
  reply: unavailable,
  next: '250 OK',
  named: ['culprit'],
  leaked: false,
  kept: 0,
  other: expect.stringMatching(/^250 Kept/) as string,
  open: 0,
};

const stage = (name: string, at: Step): [string, Step, (by: Culprit, wrong: Wrong) => Plugin] => [
  name,
  at,
  (by, wrong) => culprit({ stages: { [name]: middleware(by, wrong) } }),
];

const onions: readonly (readonly [string, Step, (by: Culprit, wrong: Wrong) => Plugin])[] = [
  stage('helo', 'EHLO'),
  stage('mail', 'MAIL'),
  stage('rcpt', 'RCPT'),
  stage('data', 'DATA'),
  stage('message', 'dot'),
  stage('command', 'RCPT'),
  ['a declared stage', 'AUTH', (by, wrong) => culprit({ requires: [Auth], on: [on(Auth, middleware(by, wrong))] })],
];

const afterwards = Object.fromEntries(Object.entries(middlewareWrongs).filter(([how]) => !(how in wrongs)));

/** A ring around DATA that strikes once the message was taken. */
function late(by: Culprit, wrong: Wrong): Plugin {
  return culprit({
    stages: {
      command: async (ctx, next) => {
        if (ctx.command.verb !== 'DATA') return next();
        const reply = await next();
        return by.strikes ? ((await (wrong as (next: () => Promise<Reply>) => unknown)(next)) as Reply) : reply;
      },
    },
  });
}

describe.each(ways)('a middleware, $name', (way) => {
  describe.each(onions)('of %s', (_, at, plugin) => {
    it.each(Object.keys(middlewareWrongs))('that %s: 451', async (how) => {
      const wrong = middlewareWrongs[how] as Wrong;
      expect(await provoke(way, at, (by) => [plugin(by, wrong)], wrong)).toEqual(closed);
    });
  });

  describe('of connect', () => {
    it.each(Object.keys(middlewareWrongs))('that %s: 451, and nothing but QUIT', async (how) => {
      const wrong = middlewareWrongs[how] as Wrong;
      const [, at, plugin] = stage('connect', 'greeting');
      const seen = await provoke(way, at, (by) => [plugin(by, wrong)], wrong);
      expect(seen).toEqual({ ...closed, next: '503 Not here: only QUIT' });
    });
  });

  describe('around DATA', () => {
    const [, at, plugin] = stage('command', 'DATA');

    it.each(Object.keys(wrongs))('that %s before it: 451', async (how) => {
      const wrong = wrongs[how] as Wrong;
      expect(await provoke(way, at, (by) => [plugin(by, wrong)], wrong)).toEqual(closed);
    });

    it.each(Object.keys(afterwards))('that %s: what was kept is kept, and the client hears so', async (how) => {
      const wrong = afterwards[how] as Wrong;
      const seen = await provoke(way, 'dot', (by) => [late(by, wrong)], wrong);
      expect(seen).toEqual({ ...closed, reply: closed.other, kept: 1 });
    });
  });
});

describe.each(ways)('a verb, $name', (way) => {
  it.each(Object.keys(wrongs))('whose handler %s: 451', async (how) => {
    const wrong = wrongs[how] as Wrong;
    const plugin = (by: Culprit): Plugin =>
      culprit({ verbs: { CULPRIT: { owes: Number, handle: work(by, wrong, Promise.resolve(replies.ok)) } } });
    expect(await provoke(way, 'CULPRIT', (by) => [plugin(by)], wrong)).toEqual(closed);
  });

  it.each(Object.keys(wrongs))('whose when %s: 451', async (how) => {
    const wrong = wrongs[how] as Wrong;
    const plugin = (by: Culprit): Plugin =>
      culprit({
        verbs: { CULPRIT: { owes: Number, when: work(by, wrong, undefined), handle: async () => replies.ok } },
      });
    expect(await provoke(way, 'CULPRIT', (by) => [plugin(by)], wrong)).toEqual(closed);
  });
});

describe.each(ways)('a claim, $name', (way) => {
  it.each(Object.keys(wrongs).filter((how) => how !== 'returns nothing'))('that %s: 451', async (how) => {
    const wrong = wrongs[how] as Wrong;
    const plugin = (by: Culprit): Plugin => culprit({ accepts: { who: 'nobody', claim: work(by, wrong, undefined) } });
    expect(await provoke(way, 'RCPT', (by) => [plugin(by)], wrong)).toEqual(closed);
  });
});
