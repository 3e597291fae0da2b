import type { Plugin } from '@maitred/core';
import { inMemory, script } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { deliver, failures, mailbox } from './mailbox.ts';
import { everybody, receiver, type Receiver } from './receiver.ts';
import { hangs, sink } from './sinks.ts';

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

describe('a late sink', () => {
  const late = { endOfData: 60_000, grace: 5_000 };

  it('that never prepares is 451 at the deadline after the last octet, and hears of it', async () => {
    const noted: string[] = [];
    const prepare = async (signal: AbortSignal): Promise<void> => {
      signal.addEventListener('abort', () => noted.push('aborted'));
      await hangs();
    };
    await using rig = mailbox(noted, { one: { prepare }, two: {} }, { deadlines: late });
    const client = await inMemory.open(rig.server);
    await deliver(client, 'b');
    await rig.clock.advance(59_000);
    expect(noted).toEqual(['one prepare']);
    await rig.clock.advance(20_000);
    await script(client, 'S: 451\nC: NOOP\nS: 250');
    expect(noted).toEqual(['one prepare', 'aborted', ...noted.slice(2)]);
    expect(noted).toContain('one rollback');
    expect(noted).not.toContain('two commit');
    expect(failures(rig)).toEqual(['one prepare']);
  });

  it('shares that deadline with the message stage and with the deliver hooks', async () => {
    const noted: string[] = [];
    const wait = (): Promise<void> => rig.clock.sleep(25_000);
    const waitOnly = async (): Promise<undefined> => {
      await wait();
    };
    const slow: Plugin['stages'][] = [
      {
        message: async (_, next) => {
          await wait();
          return next();
        },
      },
      { deliver: waitOnly },
      { deliver: waitOnly },
    ];
    const plugins = slow.map((stages, at): Plugin => ({ name: `slow ${at}`, stages: stages ?? {} }));
    await using rig: Receiver = receiver([everybody, plugins, sink('one', noted)], { deadlines: late });
    const client = await inMemory.open(rig.server);
    await deliver(client, 'b');
    await rig.clock.advance(90_000);
    await script(client, 'S: 451');
    expect(noted).not.toContain('one commit');
  });

  it('that never commits is 451 at its own deadline, and the others were asked', async () => {
    const noted: string[] = [];
    await using rig = mailbox(
      noted,
      { one: { commit: hangs }, two: {} },
      { deadlines: { ...late, stages: { commit: 200_000 } } },
    );
    const client = await inMemory.open(rig.server);
    await deliver(client, 'b');
    await rig.clock.advance(190_000);
    expect(noted).toEqual(['one prepare', 'two prepare', 'one commit']);
    await rig.clock.advance(20_000);
    await script(client, 'S: 451\nC: NOOP\nS: 250');
    expect(noted).toContain('two commit');
    expect(failures(rig)).toEqual(['one commit']);
  });

  it('whose client left before anything was committed keeps nothing', async () => {
    const noted: string[] = [];
    await using rig = mailbox(noted, { one: { prepare: untilAborted } });
    const client = await inMemory.open(rig.server);
    await deliver(client, 'b');
    await rig.clock.advance(0);
    client.destroy();
    await rig.clock.advance(1000);
    expect(noted).toEqual(['one prepare', 'one rollback']);
  });
});
