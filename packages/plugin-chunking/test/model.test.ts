import { fc } from '@fast-check/vitest';
import { replies, SmtpError, type Plugin } from '@maitred/core';
import { inMemory, octetByOctet, overTcp, type Client, type Way } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { dataOf, lineOf, Model, octetsOf, type Op, type Refusal } from './model.ts';
import { receiver } from './receiver.ts';

/** What a chunk is made of: what would be commands, ends or smuggled if somebody read it so. */
const content = fc
  .array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.constantFrom('QUIT\r\n', 'RSET\r\n', 'NOOP\r\n', '.\r\n', '\r\n', 'BDAT 3 LAST\r\nabc'),
      },
      {
        weight: 4,
        arbitrary: fc.constantFrom('MAIL FROM:<mallory@client.example>\r\n', 'DATA\r\n', '\r\n.\r\n', '..'),
      },
      {
        weight: 4,
        arbitrary: fc.string({ unit: fc.constantFrom('a', ' ', '.', '\0', '\xff', '\x85', ':'), maxLength: 200 }),
      },
      { weight: 1, arbitrary: fc.constantFrom('\r', '\n', '\n.\n', '\r\r\n') },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 5000 }).map((size) => 'x'.repeat(size)) },
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

const refusal: fc.Arbitrary<Refusal> = fc.oneof(
  { weight: 12, arbitrary: fc.constant('nobody' as const) },
  { weight: 3, arbitrary: fc.constantFrom<Refusal>('ring-first', 'ring-last', 'data', 'tap', 'message', 'sink') },
);

const rarely = fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0);
const mail = fc.record({ verb: fc.constant('MAIL' as const), refused: rarely, binary: rarely });
const rcpt = fc.record({ verb: fc.constant('RCPT' as const), refused: rarely });
const bdat = fc.record({ verb: fc.constant('BDAT' as const), content, last: rarely, refusal });
const last = bdat.map((op) => ({ ...op, last: true }));
const data = fc.record({
  verb: fc.constant('DATA' as const),
  lines: content.map((text) => text.split('\r\n')),
  refusal,
});
const idle = fc.record({ verb: fc.constantFrom('RSET' as const, 'NOOP' as const) });
const noop = fc.constant<Op>({ verb: 'NOOP' });
const broken = fc.record({
  verb: fc.constant('BROKEN' as const),
  args: fc.constantFrom('', 'x', '-1', '1 2', `${2 ** 53}`),
});

/** Mostly what a client does, and now and then anything. */
const ops: fc.Arbitrary<readonly Op[]> = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.tuple(mail, rcpt, fc.array(bdat, { maxLength: 4 }), last).map(([m, r, b, l]) => [m, r, ...b, l]),
      },
      { weight: 3, arbitrary: fc.tuple(mail, rcpt, noop, data).map((all): Op[] => all) },
      { weight: 8, arbitrary: fc.oneof(mail, rcpt, bdat, last, data, idle).map((op): Op[] => [op]) },
      { weight: 1, arbitrary: fc.oneof(broken, idle, idle).map((op): Op[] => [op]) },
    ),
    { maxLength: 10, size: 'max' },
  )
  .map((parts) => parts.flat());

/** Where a client stops: in the command of that index, so much of the way through its octets. */
const cut = fc.option(
  fc.record({
    op: fc.nat(30),
    part: fc.double({ min: 0, max: 0.999, noNaN: true }),
    how: fc.constantFrom('end' as const, 'destroy' as const),
  }),
);

interface Seen {
  /** Every command line that was run. */
  readonly commands: string[];
  /** How each body ended: `end` or `abort`, once. */
  readonly bodies: string[];
}

/** Refuses what the commands with content are to be refused for, each in its turn. */
function refusing(plan: readonly Refusal[], { commands, bodies }: Seen): Plugin {
  const no = replies.of(450, '4.7.1', 'Not now');
  let at = -1;
  return {
    name: 'refusing',
    stages: {
      command: async ({ command: { verb, args } }, next) => {
        commands.push(args === '' ? verb : `${verb} ${args}`);
        if (verb !== 'BDAT' && verb !== 'DATA') return next();
        at += 1;
        if (plan[at] === 'ring-first') return no;
        const reply = await next();
        return plan[at] === 'ring-last' ? no : reply;
      },
      mail: async (ctx, next) => (ctx.sender.local === 'refused' ? replies.of(550, '5.7.1', 'Not you') : next()),
      data: async (_ctx, next) => (plan[at] === 'data' ? no : next()),
      body: (ctx) => {
        const told = bodies.push('') - 1;
        const tell = (what: string): void => void (bodies[told] += what);
        return {
          write: () => (plan[at] === 'tap' ? ctx.refuse(replies.of(554, '5.7.1', 'Not this')) : undefined),
          end: () => tell('end'),
          abort: () => tell('abort'),
        };
      },
      message: async (_message, next) => (plan[at] === 'message' ? replies.of(550, '5.7.1', 'Not this') : next()),
      deliver: ({ recipients }) => ({
        recipients,
        prepare: async () => {
          if (plan[at] === 'sink') throw new SmtpError(replies.of(452, '4.3.1', 'Full'));
        },
        commit: async () => {},
      }),
    },
  };
}

const octets = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Plays the commands, whatever is pipelined in one write, and compares each reply with the model's. */
async function play(client: Client, model: Model, all: readonly Op[], pipelined: readonly boolean[]): Promise<void> {
  const codes: number[] = [];
  let group = '';
  const answered = async (): Promise<void> => {
    client.send(octets(group));
    group = '';
    for (const code of codes.splice(0)) expect((await client.reply()).code).toBe(code);
  };
  for (const [at, op] of all.entries()) {
    group += octetsOf(op);
    // What stands behind a line that closes is sent, and never run.
    if (!model.over) codes.push(model.command(op));
    const asked = op.verb === 'DATA' && codes.at(-1) === 354;
    if (!asked && pipelined[at] && op.verb !== 'DATA') continue;
    await answered();
    if (asked) {
      client.send(octets(dataOf(op.lines)));
      expect((await client.reply()).code).toBe(model.dataEnd(op.lines, op.refusal));
    }
    if (model.over) return;
  }
  if (group !== '') await answered();
}

interface Run {
  readonly all: readonly Op[];
  readonly pipelined: readonly boolean[];
  readonly cut: { readonly op: number; readonly part: number; readonly how: 'end' | 'destroy' } | null;
}

async function compare({ open }: Way, { all, pipelined, cut }: Run): Promise<Model> {
  const seen: Seen = { commands: [], bodies: [] };
  const plan = all.flatMap((op) => ('refusal' in op ? [op.refusal] : op.verb === 'BROKEN' ? ['nobody' as const] : []));
  const generous = { errors: 1e6, errorsSlowed: 1e6, idleCommands: 1e6 };
  const rig = receiver(refusing(plan, seen), { limits: generous });
  const model = new Model();
  const stopAt = cut ? Math.min(cut.op, all.length) : all.length;
  try {
    const client = await open(rig.server);
    await client.hello();
    seen.commands.length = 0;
    const whole = all.slice(0, stopAt);
    await play(client, model, whole, pipelined);
    const run = whole.slice(0, model.over ? whole.findIndex(({ verb }) => verb === 'BROKEN') + 1 : undefined);
    const expected = run.map((op) => lineOf(op).trimEnd());
    const stopped = all[stopAt];
    if (model.over) expect(await client.closed()).toBe('');
    else if (cut && stopped) {
      const partial = octetsOf(stopped);
      const sent = partial.slice(0, Math.floor(partial.length * cut.part));
      client.send(octets(sent));
      // A chunk's line was run, whatever becomes of it.
      if (sent.includes('\r\n')) expected.push(lineOf(stopped));
      client[cut.how]();
      if (cut.how === 'end') expect(await client.closed()).toBe('');
      else await client.closed();
    } else {
      expect(await client.command('QUIT')).toMatchObject({ code: 221 });
      expected.push('QUIT');
    }
    await rig[Symbol.asyncDispose]();
    expect(rig.kept.map((message) => message.content)).toEqual(model.kept);
    // A reset may overtake the octets before it.
    expect(seen.commands).toEqual(cut?.how === 'destroy' ? expected.slice(0, seen.commands.length) : expected);
    expect(seen.bodies.filter((told) => told !== 'end' && told !== 'abort')).toEqual([]);
    expect(rig.log.records).toEqual([]);
  } finally {
    await rig[Symbol.asyncDispose]();
  }
  return model;
}

const run: fc.Arbitrary<Run> = fc.record({
  all: ops,
  pipelined: fc.array(fc.boolean(), { maxLength: 60 }),
  cut,
});

describe.each<[Way, number]>([
  [inMemory, 400],
  [octetByOctet, 60],
  [overTcp, 80],
])('MAIL, RCPT, BDAT, DATA, RSET and NOOP in any order, $name', (way, numRuns) => {
  it(
    'are answered as RFC 3030 says; content is kept whole or not at all; no octet of it is a command',
    { timeout: 120_000 },
    async () => {
      const met = { kept: 0, over: 0 };
      await fc.assert(
        fc.asyncProperty(run, async (of) => {
          const model = await compare(way, of);
          met.kept += model.kept.length;
          met.over += Number(model.over);
        }),
        { numRuns },
      );
      // The sequences are worth something only if some of them bring mail.
      expect(met.kept).toBeGreaterThan(numRuns / 4);
    },
  );
});
