import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { unlessGone } from './unless-gone.ts';

describe('what a stage waits for', () => {
  const lost = new Error('lost');
  const never = new Promise<never>(() => {});

  it('is what the work gives', async () => {
    const { signal } = new AbortController();
    expect(await unlessGone({ signal }, Promise.resolve(1))).toBe(1);
    await expect(unlessGone({ signal }, Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('is not waited for when the client is gone', async () => {
    const client = new AbortController();
    const waiting = unlessGone({ signal: client.signal }, never);
    client.abort(lost);
    await expect(waiting).rejects.toBe(lost);
    await expect(unlessGone({ signal: client.signal }, never)).rejects.toBe(lost);
  });

  it('may fail unheard after that', async () => {
    const client = new AbortController();
    const work = (async () => {
      for (let turn = 0; turn < 3; turn += 1) await nextTurn();
      throw new Error('later');
    })();
    const waiting = unlessGone({ signal: client.signal }, work);
    client.abort(lost);
    await expect(waiting).rejects.toBe(lost);
    await expect(work).rejects.toThrow('later');
  });
});
