import { key, parameter, replies, SmtpError, type Key, type Plugin } from '@maitred/core';
import { ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { culprit, work, wrongs, type Culprit, type Wrong } from './misbehaviour.ts';
import { provoke, type Seen, type Step } from './provoke.ts';

const unavailable = '451 Requested action aborted: try again later';
const kept = expect.stringMatching(/^250 Kept/) as string;
/** Fails closed: a fixed text, a name in the log, and everybody else goes on. */
const closed: Seen = {
  reply: unavailable,
  next: '250 OK',
  named: ['culprit'],
  leaked: false,
  kept: 0,
  other: kept,
  open: 0,
};
/** Too late, or too little, to refuse anything: as if it had said nothing, but the log knows. */
const ignored: Seen = { ...closed, reply: kept, kept: 1 };
/** Nobody knows what the client would say next, or the client was told what is not true. */
const ended: Seen = { ...closed, next: 'closed' };

interface Part {
  readonly part: string;
  readonly at: Step;
  readonly plugins: (by: Culprit, wrong: Wrong) => readonly (Plugin | Omit<Plugin, 'name'>)[];
  readonly seen: Seen;
  /** What is no wrong there: values are taken as they are, and so are promises. */
  readonly fine: readonly string[];
}

const values = ['returns nothing', 'returns what is no reply', 'asks for more'];
/** In a function that is declared pure and not to be waited for, a promise is a value. */
const promises = ['rejects', 'rejects with nothing', 'gives up by itself', 'hangs', ...values];

const Of: Key<unknown, 'transaction'> = key('culprit:of', 'transaction');
const no = replies.of(550, '5.7.1', 'No');
const refusing: Plugin = { name: 'refusing', stages: { body: (ctx) => ({ write: () => ctx.refuse(no) }) } };
const unable: Plugin = {
  name: 'unable',
  stages: {
    deliver: ({ recipients }) => ({
      recipients,
      prepare: () => Promise.reject(new SmtpError(no)),
      commit: async () => {},
    }),
  },
};
const sink = (phases: object): Omit<Plugin, 'name'> => ({
  stages: { deliver: ({ recipients }) => ({ recipients, commit: async () => {}, ...phases }) },
});

const parts: readonly Part[] = [
  {
    part: 'a body hook',
    at: 'DATA',
    plugins: (by, wrong) => [{ stages: { body: work(by, wrong, undefined) } }],
    seen: closed,
    fine: promises,
  },
  {
    part: 'a tap’s write',
    at: 'dot',
    plugins: (by, wrong) => [{ stages: { body: () => ({ write: work(by, wrong, undefined) }) } }],
    seen: closed,
    fine: values,
  },
  {
    part: 'a tap’s end',
    at: 'dot',
    plugins: (by, wrong) => [{ stages: { body: () => ({ write() {}, end: work(by, wrong, undefined) }) } }],
    seen: closed,
    fine: values,
  },
  {
    part: 'a tap’s abort',
    at: 'dot',
    plugins: (by, wrong) => [{ stages: { body: () => ({ write() {}, abort: work(by, wrong, undefined) }) } }, refusing],
    seen: { ...closed, reply: '550 No', other: '550 No' },
    fine: ['hangs', ...values],
  },
  {
    part: 'deliver',
    at: 'dot',
    plugins: (by, wrong) => [{ stages: { deliver: work(by, wrong, undefined) } }],
    seen: closed,
    fine: ['returns nothing'],
  },
  {
    part: 'prepare',
    at: 'dot',
    plugins: (by, wrong) => [sink({ prepare: work(by, wrong, undefined) })],
    seen: closed,
    fine: values,
  },
  {
    part: 'commit',
    at: 'dot',
    plugins: (by, wrong) => [sink({ commit: work(by, wrong, undefined) })],
    seen: { ...closed, kept: 1 },
    fine: ['returns nothing'],
  },
  {
    part: 'rollback',
    at: 'dot',
    plugins: (by, wrong) => [sink({ rollback: work(by, wrong, undefined) }), unable],
    seen: { ...closed, reply: '550 No', other: '550 No' },
    fine: values,
  },
  {
    part: 'format',
    at: 'dot',
    plugins: (by, wrong) => [{ format: (reply) => work(by, wrong, reply)() }],
    seen: ignored,
    fine: ['rejects', 'rejects with nothing', 'gives up by itself'],
  },
  {
    part: 'answer',
    at: 'dot',
    plugins: (by, wrong) => [{ answer: work(by, wrong, undefined) }],
    seen: ignored,
    fine: ['rejects', 'rejects with nothing', 'gives up by itself'],
  },
  {
    part: 'a prologue',
    at: 'greeting',
    plugins: (by, wrong) => [{ prologue: work(by, wrong, Promise.resolve({})) }],
    seen: { ...ended, reply: 'closed' },
    fine: ['returns what is no reply', 'asks for more'],
  },
  {
    part: 'what a verb owes',
    at: 'CULPRIT',
    plugins: (by, wrong) => [{ verbs: { CULPRIT: { owes: work(by, wrong, 6), handle: async () => replies.ok } } }],
    seen: ended,
    fine: ['rejects', 'rejects with nothing', 'gives up by itself'],
  },
  {
    part: 'an extension’s when',
    at: 'EHLO',
    plugins: (by, wrong) => [{ extensions: { CULPRIT: { when: work(by, wrong, true) } } }],
    seen: closed,
    fine: promises,
  },
  {
    part: 'an extension’s arguments',
    at: 'EHLO',
    plugins: (by, wrong) => [{ extensions: { CULPRIT: { args: work(by, wrong, []) } } }],
    seen: closed,
    fine: promises,
  },
  {
    part: 'a parameter',
    at: 'MAIL',
    plugins: (by, wrong) => [
      { provides: [Of], parameters: { MAIL: { CULPRIT: parameter({ key: Of, parse: work(by, wrong, true) }) } } },
    ],
    seen: closed,
    fine: promises,
  },
  {
    part: 'close',
    at: 'QUIT',
    plugins: (by, wrong) => [{ stages: { close: work(by, wrong, undefined) } }],
    seen: { ...ended, reply: '221 mx.example closing' },
    fine: ['hangs', 'gives up by itself', ...values],
  },
];

describe.each(ways)('something else of a plugin, $name', (way) => {
  describe.each(parts)('$part', ({ at, plugins, seen, fine }) => {
    it.each(Object.keys(wrongs).filter((how) => !fine.includes(how)))('that %s fails closed', async (how) => {
      const wrong = wrongs[how] as Wrong;
      const made = (by: Culprit): readonly Plugin[] =>
        plugins(by, wrong).map((plugin) => ('name' in plugin ? plugin : culprit(plugin)));
      expect(await provoke(way, at, made, wrong)).toEqual(seen);
    });
  });

  it.each(['throws', 'rejects', 'throws a string', 'rejects with nothing', 'hangs'])(
    'what a verb does after its 250, that %s, ends the connection',
    async (how) => {
      const wrong = wrongs[how] as Wrong;
      const plugin = (by: Culprit): Plugin =>
        culprit({
          verbs: {
            CULPRIT: {
              owes: Number,
              handle: async (verb) => {
                verb.after(work(by, wrong, undefined));
                return replies.ok;
              },
            },
          },
        });
      expect(await provoke(way, 'CULPRIT', (by) => [plugin(by)], wrong)).toEqual({ ...ended, reply: '250 OK' });
    },
  );

  it.each([NaN, -1, 1.5, Number.POSITIVE_INFINITY, 2 ** 53])(
    'that owes %d octets ends the connection',
    async (octets) => {
      const plugin = (by: Culprit): Plugin =>
        culprit({ verbs: { CULPRIT: { owes: work(by, () => octets, 6), handle: async () => replies.ok } } });
      expect(
        await provoke(
          way,
          'CULPRIT',
          (by) => [plugin(by)],
          () => octets,
        ),
      ).toEqual(ended);
    },
  );
});
