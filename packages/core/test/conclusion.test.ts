import { ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { never, pass, seconds, served, sink, slowMail, toData, within } from './slow.ts';
import type { Served } from './slow.ts';
import type { Mailbox } from './kit.ts';

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

  it('logs also what a sink that is too late failed with', async () => {
    const box = await served(way, ({ server, clock }) =>
      server.on('deliver', async () => {
        await clock.sleep(31 * seconds);
        throw new Error('the directory does not answer');
      }),
    );
    for (const step of toData) await box.client.command(step);
    const reply = box.client.command('.');
    await within(box, 1 * seconds, reply);
    expect(box.log.records).toMatchObject([
      { fields: { err: { code: 'MAITRED_TOO_LATE', cause: { message: 'the directory does not answer' } } } },
    ]);
  });
});

const leftBy = (box: Mailbox): Promise<unknown> =>
  new Promise((resolve) => {
    box.server.on('close', resolve);
  });

describe.each(ways)('a client that is gone, $name', (way) => {
  it('is waited for by a plugin no longer than the grace', async () => {
    let left: Promise<unknown> | undefined;
    const box = await served(way, (made) => {
      left = leftBy(made);
      slowMail(() => never)(made);
    });
    box.client.send('MAIL FROM:<a@client.example>\r\n');
    await pass(box, 1 * seconds);
    box.client.destroy();
    await box.client.closed();
    await box.clock.advance(5.5 * seconds);
    await left;
    expect(box.log.records).toMatchObject([{ fields: { plugin: 'slow', err: { code: 'MAITRED_TOO_LATE' } } }]);
  });

  it('does not cut a commit short', async () => {
    let left: Promise<unknown> | undefined;
    let committed = false;
    const box = await served(way, (made) => {
      left = leftBy(made);
      sink(({ clock }) => ({
        commit: async () => {
          await clock.sleep(100 * seconds);
          committed = true;
        },
      }))(made);
    });
    for (const step of toData) await box.client.command(step);
    box.client.send('.\r\n');
    await pass(box, 1 * seconds);
    box.client.destroy();
    await box.client.closed();
    await box.clock.advance(99 * seconds);
    await left;
    expect(committed).toBe(true);
    expect(box.log.records).toEqual([]);
  });
});
