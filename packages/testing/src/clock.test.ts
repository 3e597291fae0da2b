import { Clock, createServer } from '@maitred/core';
import { describe, expect, it } from 'vitest';
import { fakeClock } from './clock.ts';
import { inMemory } from './ways.ts';

describe('fakeClock', () => {
  it('stands still until told', async () => {
    const clock = fakeClock(1000);
    expect(clock.now()).toBe(1000);
    await clock.advance(50);
    expect(clock.now()).toBe(1050);
    expect(fakeClock().now()).toBe(Date.UTC(2026, 0));
  });

  it('fires what is due in order, each at its own time', async () => {
    const clock = fakeClock(0);
    const seen: string[] = [];
    const note = (what: string): void => void seen.push(`${what} at ${clock.now()}`);
    void clock.sleep(30).then(() => note('long sleep'));
    void clock.sleep(20).then(() => note('sleep'));
    clock.every(10, () => note('tick'));
    await clock.advance(30);
    expect(seen).toEqual(['tick at 10', 'sleep at 20', 'tick at 20', 'long sleep at 30', 'tick at 30']);
    await clock.advance(9);
    expect(seen).toHaveLength(5);
  });

  it('fires within the same advance what begins on the way', async () => {
    const clock = fakeClock(0);
    const woken: number[] = [];
    const sleeper = (async () => {
      await clock.sleep(10);
      woken.push(clock.now());
      await clock.sleep(10);
      woken.push(clock.now());
    })();
    await clock.advance(20);
    expect(woken).toEqual([10, 20]);
    await sleeper;
  });

  it('ends an interval that was disposed of, by itself too', async () => {
    const clock = fakeClock(0);
    let ticks = 0;
    const ticking = clock.every(10, () => {
      if (++ticks === 2) ticking[Symbol.dispose]();
    });
    await clock.advance(100);
    expect(ticks).toBe(2);
  });

  it('rejects a sleep whose signal aborts', async () => {
    const clock = fakeClock(0);
    const ended = new AbortController();
    const sleeping = clock.sleep(10, ended.signal);
    ended.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    await expect(clock.sleep(10, ended.signal)).rejects.toThrow('enough');
    await clock.advance(10);
  });

  it('lets no time pass for a sleep of none', async () => {
    await expect(fakeClock().sleep(0)).resolves.toBeUndefined();
  });

  it('refuses an interval that would never end', () => {
    expect(() => fakeClock().every(0, () => {})).toThrow(RangeError);
  });

  it('can be set, for which nothing is due', async () => {
    const clock = fakeClock(0);
    let woken = false;
    void clock.sleep(10).then(() => (woken = true));
    clock.set(1e9);
    expect(clock.now()).toBe(1e9);
    expect(clock.elapsed()).toBe(0);
    await clock.advance(9);
    expect(woken).toBe(false);
    await clock.advance(1);
    expect(woken).toBe(true);
    expect(clock.now()).toBe(1e9 + 10);
  });

  it("is a server's time", async () => {
    const clock = fakeClock();
    await using server = createServer({ hostname: 'mx.example' }).override(Clock, clock);
    const client = await inMemory.open(server);
    await client.hello();
    await clock.advance(299_000);
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
    await clock.advance(299_000);
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
    await clock.advance(301_000);
    expect(await client.closed()).toMatch(/^421 /);
  });
});
