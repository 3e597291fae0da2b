import { X509Certificate } from 'node:crypto';
import { selfSigned } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { cheap } from '../../test/house.ts';
import { memoryDirectory } from './memory-directory.ts';
import { hashPassword } from './password-hash.ts';

const { signal } = new AbortController();
const certificate = new X509Certificate(selfSigned('ann.example').cert);
const options = { cost: cheap, scramIterations: 4096 };

/** The names of a directory's functions, but for the one that every one has. */
const functions = async (...made: Parameters<typeof memoryDirectory>): Promise<string[]> =>
  Object.keys(await memoryDirectory(...made)).filter((name) => name !== 'mayActAs');

describe('a directory in memory', () => {
  it('knows who has a password, hashed or to be hashed', async () => {
    const passwordHash = await hashPassword('pencil', cheap);
    const users = await memoryDirectory(
      [
        { name: 'ann', password: 'secret' },
        { name: 'bob', passwordHash },
      ],
      options,
    );
    const verify = (user: string, password: string): Promise<string | undefined> =>
      users.verifyPassword!(user, password, signal);
    expect(await verify('ann', 'secret')).toBe('ann');
    expect(await verify('bob', 'pencil')).toBe('bob');
    for (const [user, password] of [
      ['ann', 'pencil'],
      ['bob', 'secret'],
      ['eve', 'secret'],
      ['', ''],
    ] as const) {
      expect(await verify(user, password)).toBeUndefined();
    }
    // A hash gives no SCRAM record, and such a user looks like an unknown one.
    expect(await users.scramRecord?.('ann', 'SHA-1', signal)).toMatchObject({
      iterations: 4096,
      storedKey: { length: 20 },
    });
    expect(await users.scramRecord?.('bob', 'SHA-1', signal)).toBeUndefined();
  });

  it('knows whose a token or a certificate is, and who may act as whom', async () => {
    const { fingerprint256 } = certificate;
    const users = await memoryDirectory([
      { name: 'ann', tokens: ['abc', 'def'], certificates: [fingerprint256], actsAs: ['sales'] },
      { name: 'bob', certificates: [fingerprint256.replaceAll(':', '').toLowerCase().replace(/^./, 'x')] },
    ]);
    const claim = { mechanism: 'XOAUTH2', user: undefined, host: undefined, port: undefined };
    expect(await users.verifyToken?.('def', claim, signal)).toBe('ann');
    expect(await users.verifyToken?.('de', claim, signal)).toBeUndefined();
    expect(await users.verifyCertificate?.(certificate, signal)).toBe('ann');
    expect(await users.verifyCertificate?.(new X509Certificate(selfSigned('x').cert), signal)).toBeUndefined();
    expect(await users.mayActAs?.('ann', 'sales', signal)).toBe(true);
    expect(await users.mayActAs?.('sales', 'ann', signal)).toBe(false);
  });

  it('has no functions but those of use to somebody', async () => {
    expect(await functions([])).toEqual([]);
    expect(await functions([{ name: 'ann', tokens: ['abc'] }])).toEqual(['verifyToken']);
    expect(await functions([{ name: 'ann', passwordHash: await hashPassword('x', cheap) }])).toEqual([
      'verifyPassword',
    ]);
    const users = [{ name: 'ann', password: 'x' }];
    expect(await functions(users, options)).toEqual(['verifyPassword', 'scramRecord']);
    expect(await functions(users, { ...options, keepPasswords: true })).toContain('sharedSecret');
  });

  it('is not made of users that can’t be', async () => {
    const ann = { name: 'ann' };
    await expect(memoryDirectory([ann, { name: 'a\u00adnn' }])).rejects.toThrow('the user ann is there twice');
    await expect(memoryDirectory([{ name: 'a\0' }])).rejects.toThrow('"a\\u0000" can\'t be a user\'s name');
    await expect(memoryDirectory([{ ...ann, password: '' }])).rejects.toThrow("the password of ann can't be one");
    const both = { ...ann, password: 'x', passwordHash: 'y' };
    await expect(memoryDirectory([both])).rejects.toThrow('ann has a password and a hash');
  });
});
