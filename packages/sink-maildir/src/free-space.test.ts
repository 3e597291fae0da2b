import { fakeClock } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { folder } from '../test/receiver.ts';
import { FreeSpace } from './free-space.ts';

describe('FreeSpace', () => {
  it('tells whether there is that much', async () => {
    const clock = fakeClock();
    expect(await new FreeSpace(folder(), 1, clock).enough()).toBe(true);
    expect(await new FreeSpace(folder(), Number.MAX_SAFE_INTEGER, clock).enough()).toBe(false);
  });

  it('asks once a second at most, and again when there was no answer', async () => {
    const clock = fakeClock();
    const space = new FreeSpace('/none/such', 1, clock);
    const first = space.enough();
    expect(space.enough()).toBe(first);
    await expect(first).rejects.toThrow('ENOENT');
    await clock.advance(1000);
    expect(space.enough()).not.toBe(first);
    await expect(space.enough()).rejects.toThrow('ENOENT');
  });
});
