import { generateKeyPairSync } from 'node:crypto';
import { fakeDns } from '@maitred/testing';
import { describe, expect, it, vi } from 'vitest';
import { loadKeys, type PublishedKey } from '../mailauth.ts';
import { KeyMemory } from './key-memory.ts';

const NAME = 's._domainkey.example.org';
const calls = await loadKeys();
const published = (): string => {
  const { publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  return `v=DKIM1; k=ed25519; p=${raw.toString('base64')}`;
};
const strict = { strict: true, hashAlgo: 'sha256' } as const;

function memory(capacity?: number): { keys: KeyMemory; read: ReturnType<typeof vi.fn<typeof calls.getPublicKey>> } {
  const read = vi.fn<typeof calls.getPublicKey>((...question) => calls.getPublicKey(...question));
  return { keys: new KeyMemory({ ...calls, getPublicKey: read }, capacity), read };
}

describe('a key', () => {
  it('is asked for once in a message, and read once in all', async () => {
    const dns = fakeDns({ [NAME]: { TXT: [published()] } });
    const { keys, read } = memory();
    const [first, second] = [keys.within(dns.resolve), keys.within(dns.resolve)];
    const found: PublishedKey[] = [];
    for (const message of [first, first, second]) found.push(await message.get('DKIM', NAME, 1024, strict));
    expect(dns.questions).toHaveLength(2);
    expect(read).toHaveBeenCalledTimes(1);
    expect(found[2]).toBe(found[0]);
    const publicKey: object = Object(found[0]?.publicKey);
    // oxlint-disable-next-line typescript/no-base-to-string -- it has a text of its own
    expect(publicKey.toString()).toContain('BEGIN PUBLIC KEY');
  });

  it('is what the record says now', async () => {
    const dns = fakeDns({ [NAME]: { TXT: [published()] } });
    const { keys, read } = memory();
    const before = await keys.within(dns.resolve).get('DKIM', NAME, 1024, strict);
    dns.set(NAME, { TXT: [published()] });
    expect((await keys.within(dns.resolve).get('DKIM', NAME, 1024, strict)).publicKey).not.toBe(before.publicKey);
    dns.set(NAME, undefined);
    await expect(keys.within(dns.resolve).get('DKIM', NAME, 1024, strict)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('that may not be used for one thing may be for another', async () => {
    const dns = fakeDns({ [NAME]: { TXT: [`h=sha256; ${published().slice(9)}`] } });
    const { keys } = memory();
    for (let round = 0; round < 2; round += 1) {
      const message = keys.within(dns.resolve);
      await expect(message.get('DKIM', NAME, 1024, { hashAlgo: 'sha1' })).rejects.toMatchObject({
        code: 'EINVALIDHASH',
      });
      await expect(message.get('DKIM', NAME, 1024, strict)).resolves.toMatchObject({ keyType: 'ed25519' });
    }
  });

  it('is forgotten for one that was used later', async () => {
    const names = ['a', 'b', 'a', 'c', 'a', 'b'];
    const zone = Object.fromEntries(['a', 'b', 'c'].map((name) => [`${name}.example`, { TXT: [published()] }]));
    const { keys, read } = memory(2);
    const dns = fakeDns(zone);
    for (const name of names) await keys.within(dns.resolve).get('DKIM', `${name}.example`, 1024, strict);
    expect(read.mock.calls.map(([, name]) => name[0])).toEqual(['a', 'b', 'c', 'b']);
    expect(keys.size).toBe(2);
  });

  it('that nobody waits for may fail', async () => {
    const { keys } = memory();
    void keys.within(fakeDns().resolve).get('DKIM', NAME, 1024, strict);
    await new Promise((resolve) => void setImmediate(resolve));
    expect(keys.size).toBe(0);
  });

  it('is asked for by its A-labels (RFC 8616 3)', async () => {
    const dns = fakeDns();
    await expect(memory().keys.within(dns.resolve).get('DKIM', 's._domainkey.bücher.example', 1024)).rejects.toThrow(
      /ENOTFOUND/,
    );
    expect(dns.questions).toEqual([{ name: 's._domainkey.xn--bcher-kva.example', type: 'TXT' }]);
  });
});
