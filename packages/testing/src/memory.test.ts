import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { memoryPair } from './memory.ts';

/** The pieces that come until the other end is closed. (To iterate over a stream would destroy it after.) */
const pieces = async (stream: Duplex): Promise<string[]> => {
  const all: string[] = [];
  stream.on('data', (piece) => all.push(String(piece)));
  await once(stream, 'end');
  return all;
};

const text = async (stream: Duplex): Promise<string> => (await pieces(stream)).join('');

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await nextTurn();
};

describe('memoryPair', () => {
  it('carries both ways', async () => {
    const [one, other] = memoryPair();
    one.end('to');
    other.end('fro');
    expect(await Promise.all([text(one), text(other)])).toEqual(['fro', 'to']);
  });

  it('keeps writes apart, and cuts them where told to', async () => {
    const [one, other] = memoryPair({ chunk: 2 });
    one.write('abcde');
    one.end('fg');
    expect(await pieces(other)).toEqual(['ab', 'cd', 'e', 'fg']);
  });

  it('delivers a turn later, one piece a turn', async () => {
    const [one, other] = memoryPair({ chunk: 1 });
    const came: string[] = [];
    other.on('data', (piece) => came.push(String(piece)));
    one.write('ab');
    expect(came).toEqual([]);
    await turns(1);
    expect(came).toEqual(['a']);
    await turns(1);
    expect(came).toEqual(['a', 'b']);
  });

  it('copies: the writer may use its buffer again', async () => {
    const [one, other] = memoryPair();
    const octets = Buffer.from('before');
    one.write(octets);
    octets.fill('x');
    one.end();
    expect(await text(other)).toBe('before');
  });

  it('stays open one way when the other was closed', async () => {
    const [one, other] = memoryPair();
    one.end('question');
    expect(await text(other)).toBe('question');
    await turns(5);
    other.end('answer');
    expect(await text(one)).toBe('answer');
  });

  it('holds the writer back while nobody reads', async () => {
    const [one, other] = memoryPair();
    const block = Buffer.alloc(16 * 1024);
    let written = 0;
    while (one.write(block)) written += block.length;
    await turns(20);
    expect(one.writableNeedDrain).toBe(true);
    expect(written).toBeLessThan(256 * 1024);
    other.resume();
    await once(one, 'drain');
  });

  it('is a reset when an end is destroyed', async () => {
    const [one, other] = memoryPair();
    one.write('lost');
    one.destroy();
    await expect(once(other, 'data')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(other.destroyed).toBe(true);
  });

  it('is a reset when an end that is gone is written to', async () => {
    const [one, other] = memoryPair();
    one.end();
    await text(other);
    one.destroy();
    await turns(3);
    expect(other.destroyed).toBe(false);
    other.write('anybody there?');
    await expect(once(other, 'drain')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('resets a writer that waits for an end to be read', async () => {
    const [one, other] = memoryPair();
    while (one.write(Buffer.alloc(16 * 1024)));
    await turns(5);
    other.destroy();
    await expect(once(one, 'drain')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('closes both ends when both said all', async () => {
    const [one, other] = memoryPair();
    const closed = Promise.all([once(one, 'close'), once(other, 'close')]);
    one.end('a').resume();
    other.end('b').resume();
    await closed;
  });

  it('needs a chunk that holds something', () => {
    expect(() => memoryPair({ chunk: 0 })).toThrow(RangeError);
    expect(() => memoryPair({ chunk: Number.NaN })).toThrow(RangeError);
  });
});
