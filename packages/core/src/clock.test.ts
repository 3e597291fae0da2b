import { describe, expect, it } from 'vitest';
import { createServer, systemClock } from './index.ts';

/** What has happened after a few turns of the event loop and a few milliseconds. */
const soon = <T>(what: Promise<T>): Promise<T | 'not yet'> =>
  Promise.race([what, new Promise<'not yet'>((resolve) => void setTimeout(resolve, 20, 'not yet'))]);

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

const slowly = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 10));

describe('the machine’s clock', () => {
  it('tells the time', () => {
    const before = Date.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  });

  it('tells how long something takes', async () => {
    const since = systemClock.elapsed();
    await slowly();
    expect(systemClock.elapsed()).toBeGreaterThan(since);
  });

  it('sleeps', async () => {
    expect(await soon(systemClock.sleep(1).then(() => 'awake'))).toBe('awake');
    expect(await soon(systemClock.sleep(0).then(() => 'awake'))).toBe('awake');
  });

  it('wakes with the reason of a signal that aborts', async () => {
    const abort = new AbortController();
    const sleep = systemClock.sleep(60_000, abort.signal);
    abort.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
    for (const ms of [60_000, 0]) await expect(systemClock.sleep(ms, abort.signal)).rejects.toThrow('enough');
  });

  it.each([2 ** 31, 2 ** 40, Number.POSITIVE_INFINITY])('sleeps for %d milliseconds too', async (ms) => {
    const abort = new AbortController();
    const sleep = systemClock.sleep(ms, abort.signal).then(() => 'awake');
    expect(await soon(sleep)).toBe('not yet');
    abort.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
  });

  it('ticks until it is disposed, and keeps no process alive', async () => {
    const ticks: number[] = [];
    const before = timers();
    const ticker = systemClock.every(1, () => void ticks.push(ticks.length));
    expect(timers()).toBe(before);
    await soon(new Promise(() => {}));
    ticker[Symbol.dispose]();
    const then = ticks.length;
    expect(then).toBeGreaterThan(0);
    await soon(new Promise(() => {}));
    expect(ticks).toHaveLength(then);
  });
});

describe('a deadline that is no deadline', () => {
  it('lets plugins set up, and a server close, in their own time', async () => {
    const server = createServer({ hostname: 'mx.example', deadlines: { stage: Number.POSITIVE_INFINITY } });
    server.use({ name: 'slow', setup: slowly, close: slowly });
    await server.start();
    await server.close({ deadline: Number.POSITIVE_INFINITY });
    expect(server.describe().plugins).toContain('slow');
  });
});
