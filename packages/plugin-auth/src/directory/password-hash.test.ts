import { scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cheap } from '../../test/house.ts';
import { hashPassword, usualCost, verifyHash } from './password-hash.ts';

describe('a password’s hash', { timeout: 30_000 }, () => {
  it('is scrypt’s, with its cost and a new salt', async () => {
    const hash = await hashPassword('pencil');
    const [, salt = '', key = ''] = /^\$scrypt\$ln=14,r=8,p=1\$([^$]+)\$([^$]+)$/.exec(hash) ?? [];
    const derived = scryptSync('pencil', Buffer.from(salt, 'base64'), 32, { N: 2 ** usualCost.ln, r: 8, p: 1 });
    expect(Buffer.from(key, 'base64')).toEqual(derived);
    expect(await hashPassword('pencil')).not.toBe(hash);
  });

  it('is that of its password alone', async () => {
    const hash = await hashPassword('J\u00fcrgen', cheap);
    expect(await verifyHash('Ju\u0308rgen', hash)).toBe(true);
    for (const wrong of ['J\u00fcrge', 'J\u00fcrgen ', 'jürgen', '', 'a\0b'])
      expect(await verifyHash(wrong, hash)).toBe(false);
  });

  it('may cost more', async () => {
    const hash = await hashPassword('pencil', { ln: 15, r: 8, p: 3 });
    expect(hash).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$/);
    expect(await verifyHash('pencil', hash)).toBe(true);
  });

  it.each(['', 'pencil', '$scrypt$ln=4,r=8,p=1$$', '$scrypt$ln=4,r=8,p=1$c2FsdA$c2hvcnQ', '$2b$10$abc'])(
    'is none: %j',
    async (hash) => {
      await expect(verifyHash('pencil', hash)).rejects.toThrow(/^no hash as hashPassword makes them/);
    },
  );

  it('is not made of what can’t be prepared', async () => {
    await expect(hashPassword('')).rejects.toThrow(RangeError);
    await expect(hashPassword('a\0b')).rejects.toThrow(RangeError);
  });
});
