import { ways } from '@maitred/testing';
import type { Client, Way } from '@maitred/testing';
import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { definePlugin, replies } from '../src/index.ts';
import type { Deadlines, Server, Sink } from '../src/index.ts';
import { mailbox } from './kit.ts';
import type { Mailbox } from './kit.ts';

const seconds = 1000;
const never = new Promise<never>(() => {});
const ever = { stage: 1e9, endOfData: 1e9, stages: { message: 1e9, prepare: 1e9, commit: 1e9 } };
const toData = ['MAIL FROM:<a@client.example>', 'RCPT TO:<b@mx.example>', 'DATA'];

interface Served extends Mailbox {
  readonly client: Client;
}

async function served(way: Way, set: (box: Mailbox) => unknown, deadlines?: Partial<Deadlines>): Promise<Served> {
  const box = mailbox(deadlines ? { deadlines } : {});
  set(box);
  const client = await way.open(box.server);
  await client.hello();
  return { ...box, client };
}

/** Lets time pass once all that the client sent is there: octet by octet that takes a turn for each. */
async function pass({ client, clock }: Served, ms: number): Promise<void> {
  await new Promise((resolve) => void client.stream.write('', resolve));
  await clock.advance(ms);
}

/** The mail stage waits; `slow` does. */
const slowMail =
  (wait: (box: Mailbox) => Promise<unknown>) =>
  (box: Mailbox): Server =>
    box.server.use(
      definePlugin({
        name: 'slow',
        stages: {
          mail: async (_, next) => {
            await wait(box);
            return next();
          },
        },
      }),
    );

describe.each(ways)('a plugin that is slow, $name', (way) => {
  it('has half a minute and a grace of five seconds, then the client gets 451 4.3.0', async () => {
    const box = await served(
      way,
      slowMail(() => never),
    );
    const reply = box.client.command('MAIL FROM:<a@client.example>');
    await pass(box, 35 * seconds);
    expect(await reply).toMatchObject({ code: 451, enhanced: '4.3.0' });
    expect(await box.client.command('RCPT TO:<b@mx.example>')).toMatchObject({ code: 503 });
    expect(box.log.records).toMatchObject([
      { level: 'error', fields: { plugin: 'slow', stage: 'mail', err: { code: 'MAITRED_TOO_LATE' } } },
    ]);
  });

  it('is not waited for longer when it heeds its signal', async () => {
    const box = await served(way, ({ server }) =>
      server.on('mail', async (ctx, next) => {
        await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
        return next();
      }),
    );
    const reply = box.client.command('MAIL FROM:<a@client.example>');
    await pass(box, 30 * seconds);
    expect(await reply).toMatchObject({ code: 451, enhanced: '4.3.0' });
  });

  it('is reported once, even if it comes back later', async () => {
    const waits = new EventEmitter();
    const late = once(waits, 'wake');
    const box = await served(
      way,
      slowMail(() => late),
    );
    const reply = box.client.command('MAIL FROM:<a@client.example>');
    await pass(box, 35 * seconds);
    await reply;
    waits.emit('wake');
    await box.client.command('NOOP');
    expect(box.log.records).toHaveLength(1);
  });

  it('has as long as the deadline of its stage says', async () => {
    const box = await served(
      way,
      slowMail(() => never),
      { stages: { mail: 2 * seconds } },
    );
    const reply = box.client.command('MAIL FROM:<a@client.example>');
    await pass(box, 7 * seconds);
    expect(await reply).toMatchObject({ code: 451 });
  });

  it('does not use up the client’s time', async () => {
    const box = await served(
      way,
      slowMail(({ clock }) => clock.sleep(3000 * seconds)),
      ever,
    );
    const reply = box.client.command('MAIL FROM:<a@client.example>');
    await pass(box, 3000 * seconds);
    expect(await reply).toMatchObject({ code: 250 });
    await pass(box, 299 * seconds);
    expect(await box.client.command('NOOP')).toMatchObject({ code: 250 });
  });

  it('as a tap does not use up the client’s time for content, nor its rate', async () => {
    const box = await served(
      way,
      ({ server, clock }) => server.on('body', () => ({ write: () => clock.sleep(400 * seconds) })),
      ever,
    );
    for (const step of toData) await box.client.command(step);
    box.client.send('x');
    await pass(box, 400 * seconds);
    const reply = box.client.command('\r\n.');
    await pass(box, 1600 * seconds);
    expect(await reply).toMatchObject({ code: 250 });
  });
});

describe.each(ways)('a client that is slow, $name', (way) => {
  it('does not use up the time of a stage that waits for it', async () => {
    const box = await served(way, () => {}, { dataRate: 0 });
    for (const step of toData) await box.client.command(step);
    for (let n = 0; n < 9; n += 1) {
      box.client.send('x');
      await pass(box, 20 * seconds);
    }
    expect(await box.client.command('\r\n.')).toMatchObject({ code: 250 });
  });
});

const sink =
  (parts: (box: Mailbox) => Omit<Sink, 'recipients'>) =>
  (box: Mailbox): Server =>
    box.server.on('deliver', ({ recipients }) => ({ recipients, ...parts(box) }));

async function conclusion(box: Served, ms: number): Promise<void> {
  for (const step of toData) await box.client.command(step);
  const reply = box.client.command('.');
  await pass(box, ms);
  expect(await reply).toMatchObject({ code: 451, enhanced: '4.3.0' });
  expect(await box.client.command('NOOP')).toMatchObject({ code: 250 });
}

describe.each(ways)('the end of data, $name', (way) => {
  it('gives the message stage two minutes', async () => {
    const box = await served(way, ({ server }) => server.on('message', () => never));
    await conclusion(box, 125 * seconds);
    expect(box.kept).toEqual([]);
  });

  it('gives the message stage and all prepares two minutes together', async () => {
    const rolledBack: string[] = [];
    const box = await served(way, (made) => {
      made.server.on('message', async (_, next) => {
        await made.clock.sleep(90 * seconds);
        return next();
      });
      sink(({ clock }) => ({
        prepare: () => clock.sleep(60 * seconds),
        commit: async () => {},
        rollback: async () => void rolledBack.push('it'),
      }))(made);
    });
    await conclusion(box, 125 * seconds);
    expect(box.kept).toEqual([]);
    expect(rolledBack).toEqual(['it']);
  });

  it('gives a prepare that comes after all that time none', async () => {
    const box = await served(
      way,
      (made) => {
        made.server.on('message', async (_, next) => {
          await made.clock.sleep(59 * seconds);
          return next();
        });
        sink(() => ({ prepare: () => never, commit: async () => {} }))(made);
      },
      { endOfData: 60 * seconds },
    );
    await conclusion(box, 66 * seconds);
    expect(box.kept).toEqual([]);
  });

  it('waits five minutes for a commit that began, and its word counts', async () => {
    const box = await served(
      way,
      sink(({ clock }) => ({ commit: () => clock.sleep(299 * seconds) })),
    );
    for (const step of toData) await box.client.command(step);
    const reply = box.client.command('.');
    await pass(box, 299 * seconds);
    expect(await reply).toMatchObject({ code: 250 });
  });

  it('answers 451 for a commit that takes longer', async () => {
    const box = await served(
      way,
      sink(() => ({ commit: () => never })),
    );
    await conclusion(box, 305 * seconds);
  });

  it('has a time for deliver too', async () => {
    const box = await served(way, ({ server }) => server.on('deliver', () => never));
    await conclusion(box, 35 * seconds);
    expect(box.kept).toEqual([]);
  });
});

describe.each(ways)('errors that are slowed, $name', (way) => {
  it('are not cut short by a deadline of theirs', async () => {
    const box = await served(way, () => {}, { command: 100 * seconds });
    box.server.describe();
    for (let n = 0; n < 10; n += 1) await box.client.command('BOGUS');
    const reply = box.client.command('BOGUS');
    await pass(box, 1 * seconds);
    expect(await reply).toEqual(expect.objectContaining({ code: replies.badCommand.code }));
  });
});
