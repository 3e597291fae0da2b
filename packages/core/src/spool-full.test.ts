import { inMemory } from '@maitred/testing';
import type * as fs from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { mailbox } from '../test/kit.ts';

/** A disk that takes so many octets more, and then tells ENOSPC, as Linux does: what still fits is written first. */
let room = Number.POSITIVE_INFINITY;

const write = async (file: fs.FileHandle, octets: Buffer): Promise<{ bytesWritten: number; buffer: Buffer }> => {
  if (room <= 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const fits = octets.subarray(0, room);
  room -= fits.length;
  for (let at = 0; at < fits.length;) at += (await file.write(fits, at)).bytesWritten;
  return { bytesWritten: fits.length, buffer: octets };
};

const appended = async (file: fs.FileHandle, octets: Buffer): Promise<void> => {
  for (let at = 0; at < octets.length;) at += (await write(file, octets.subarray(at))).bytesWritten;
};

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    open: async (...args: Parameters<typeof real.open>) => {
      const file = await real.open(...args);
      return new Proxy(file, {
        get(of, name) {
          if (name === 'appendFile') return (octets: Buffer) => appended(of, octets);
          if (name === 'writev') return (pieces: Buffer[]) => write(of, Buffer.concat(pieces));
          const value: unknown = Reflect.get(of, name, of);
          return typeof value === 'function' ? value.bind(of) : value;
        },
      });
    },
  };
});

describe('a disk that is full', () => {
  it.each([0, 1, 300_000, 900_000])('after %i octets costs the message a 452 4.3.1, and no more', async (left) => {
    const { server, kept, log } = mailbox();
    const client = await inMemory.open(server);
    await client.hello();
    room = left;
    expect(await client.mail({ content: 'x'.repeat(1_000_000) })).toMatchObject({ code: 452, enhanced: '4.3.1' });
    room = Number.POSITIVE_INFINITY;
    expect(kept).toEqual([]);
    expect(log.records).toMatchObject([{ level: 'error', fields: { err: { code: 'ENOSPC' } } }]);
    expect(await client.mail({ content: 'x'.repeat(1_000_000) })).toMatchObject({ code: 250 });
    expect(kept).toHaveLength(1);
  });
});
