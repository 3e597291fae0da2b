import { ways } from '@maitred/testing';
import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { definePlugin, replies, stage } from '../src/index.ts';
import type { Session, Stage } from '../src/index.ts';
import { never, pass, seconds, served, slowMail, toData, within } from './slow.ts';

const ever = { stage: 1e9, endOfData: 1e9, stages: { message: 1e9, prepare: 1e9, commit: 1e9 } };

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

  it('is the one that is named when it comes back within the grace', async () => {
    const box = await served(
      way,
      slowMail(({ clock }) => clock.sleep(32 * seconds)),
    );
    const reply = box.client.command('MAIL FROM:<a@client.example>');
    await within(box, 2 * seconds, reply);
    expect(box.log.records).toMatchObject([{ fields: { plugin: 'slow', err: { code: 'MAITRED_TOO_LATE' } } }]);
  });

  it('finds its signal aborted, however late it asks for it', async () => {
    const reasons: unknown[] = [];
    const box = await served(way, ({ server, clock }) =>
      server.on('mail', async (ctx, next) => {
        await clock.sleep(31 * seconds);
        reasons.push(ctx.signal.reason);
        return next();
      }),
    );
    const reply = box.client.command('MAIL FROM:<a@client.example>');
    await within(box, 1 * seconds, reply);
    expect(reasons).toEqual([new Error('the deadline of mail passed')]);
  });

  it('as a tap is the one that is named, not who was done long before', async () => {
    const box = await served(way, ({ server, clock }) => {
      const tap = (name: string, ms: number) =>
        definePlugin({ name, stages: { body: () => ({ write: () => clock.sleep(ms) }) } });
      server.use(tap('slow', 32 * seconds), tap('quick', 1));
    });
    for (const step of toData) await box.client.command(step);
    const reply = box.client.command('x\r\n.');
    await within(box, 2 * seconds, reply);
    expect(box.log.records).toMatchObject([{ fields: { plugin: 'slow', err: { code: 'MAITRED_TOO_LATE' } } }]);
  });

  it('and fails is reported, although the one before it answered without waiting for it', async () => {
    const box = await served(way, (it) => {
      it.server.on('mail', async (_, next) => {
        void next();
        return replies.ok;
      });
      slowMail(({ clock }) => clock.sleep(1 * seconds).then(() => Promise.reject(new Error('mail'))))(it);
    });
    expect(await box.client.command('MAIL FROM:<a@client.example>')).toMatchObject({ code: 250 });
    await pass(box, 1 * seconds);
    expect(box.log.records).toMatchObject([{ fields: { plugin: 'slow', stage: 'mail', err: { message: 'mail' } } }]);
  });

  it('and fails is reported, also as a declared stage that a hook of it did not wait for', async () => {
    const Check: Stage<Session> = stage('check', () => Promise.reject(new Error('check')));
    const check = definePlugin({
      name: 'check',
      provides: [Check],
      verbs: { XCHECK: { handle: (verb) => verb.run(Check, {}) } },
    });
    const box = await served(way, ({ server }) =>
      server.use(check).on(Check, async (_, next) => {
        void next();
        return replies.ok;
      }),
    );
    expect(await box.client.command('XCHECK')).toMatchObject({ code: 250 });
    expect(box.log.records).toMatchObject([{ fields: { plugin: 'check', stage: 'check', err: { message: 'check' } } }]);
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

describe.each(ways)('errors that are slowed, $name', (way) => {
  it('are not cut short by a deadline of theirs', async () => {
    const box = await served(way, () => {}, { command: 100 * seconds });
    box.server.describe();
    for (let n = 0; n < 10; n += 1) await box.client.command('BOGUS');
    const reply = box.client.command('BOGUS');
    await pass(box, 1 * seconds);
    expect(await reply).toEqual(expect.objectContaining({ code: replies.badCommand.code }));
  });

  it('are nobody’s failure where a stage has less than that second', async () => {
    const box = await served(way, () => {}, { stage: 0.5 * seconds, grace: 0.1 * seconds });
    for (let n = 0; n < 10; n += 1) await box.client.command('BOGUS');
    const reply = box.client.command('BOGUS');
    await pass(box, 1 * seconds);
    expect(await reply).toMatchObject({ code: 500 });
    expect(box.log.records).toEqual([]);
  });
});
