import { describe, expect, it } from 'vitest';
import { decoyRecord, scramRecord, verifyProof } from './scram.ts';

// The examples of RFC 5802 5 and RFC 7677 3.
const examples = [
  {
    hash: 'SHA-1',
    salt: 'QSXCR+Q6sek8bf92',
    messages:
      'n=user,r=fyko+d2lbbFgONRv9qkxdawL,' +
      'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,' +
      'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j',
    proof: 'v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    signature: 'rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  {
    hash: 'SHA-256',
    salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
    messages:
      'n=user,r=rOprNGfwEbeRWgbNEkqO,' +
      'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,' +
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
    proof: 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    signature: '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
] as const;

describe.each(examples)('SCRAM-$hash', ({ hash, salt, messages, proof, signature }) => {
  it('verifies the proof of its RFC’s example, and signs as the server does there', async () => {
    const record = await scramRecord('pencil', { hash, salt: Buffer.from(salt, 'base64'), iterations: 4096 });
    expect(verifyProof(record, hash, messages, Buffer.from(proof, 'base64'))?.toString('base64')).toBe(signature);
  });

  it('verifies no other proof, of no other length, over no other messages', async () => {
    const record = await scramRecord('pencil', { hash, salt: Buffer.from(salt, 'base64'), iterations: 4096 });
    const right = Buffer.from(proof, 'base64');
    const wrong = [
      Buffer.alloc(0),
      right.subarray(1),
      Buffer.concat([right, Buffer.of(0)]),
      Buffer.alloc(right.length),
      right.map((octet, at) => (at === 3 ? octet ^ 1 : octet)),
    ];
    for (const each of wrong) expect(verifyProof(record, hash, messages, Buffer.from(each))).toBeUndefined();
    expect(verifyProof(record, hash, `${messages},x=y`, right)).toBeUndefined();
  });

  it('has a record for who doesn’t exist that looks the same each time', () => {
    const options = { secret: 'secret', iterations: 4096, saltOctets: 16 };
    const [ann, again, bob] = ['ann', 'ann', 'bob'].map((user) => decoyRecord(user, hash, options));
    expect(ann).toEqual(again);
    expect(ann?.salt).toHaveLength(16);
    expect(ann?.salt).not.toEqual(bob?.salt);
    expect(decoyRecord('ann', hash, { ...options, secret: 'other' }).salt).not.toEqual(ann?.salt);
    expect(verifyProof(ann!, hash, messages, Buffer.from(proof, 'base64'))).toBeUndefined();
  });
});

describe('a SCRAM record', () => {
  it('has a new salt each time, and 10,000 iterations', async () => {
    const [one, other] = [await scramRecord('pencil'), await scramRecord('pencil')];
    expect(one).toMatchObject({ iterations: 10_000, salt: { length: 16 }, storedKey: { length: 32 } });
    expect(one.salt).not.toEqual(other.salt);
  });

  it('is of the prepared password', async () => {
    const options = { salt: Buffer.from('salt'), iterations: 4096 };
    expect(await scramRecord('Ju\u0308rgen', options)).toEqual(await scramRecord('J\u00fcrgen', options));
  });

  it('is not made of what would be weak or can’t be', async () => {
    await expect(scramRecord('')).rejects.toThrow(RangeError);
    await expect(scramRecord('a\0b')).rejects.toThrow('characters that none may have');
    await expect(scramRecord('pencil', { iterations: 4095 })).rejects.toThrow('at least 4096 iterations');
    await expect(scramRecord('pencil', { salt: Buffer.alloc(0) })).rejects.toThrow('a salt has at least one octet');
  });
});
