import { ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { knowing, take } from '../test/receiver.ts';
import { plain, rsaKey, signed } from '../test/signer.ts';

const rsa = rsaKey(1024);

describe.each(ways)('a message with much header, $name', ({ open }) => {
  it('is received and verified with three hundred recipients, and hundreds of references', async () => {
    const people = Array.from({ length: 300 }, (_, at) => `"Person ${at} of many" <person${at}@example.org>`);
    const ids = Array.from({ length: 400 }, (_, at) => `<${at}.a.long.message.id@host${at}.example.org>`);
    const top = `To: ${people.join(',\r\n  ')}\r\nReferences: ${ids.join('\r\n\t')}\r\n`;
    expect(top.length).toBeGreaterThan(2 * 8192);
    await using r = knowing(rsa.record);
    const fields = ['from', 'to', 'references', 'subject'];
    const good = signed(top + plain, rsa, { fields });
    expect(await take(open, r, good)).toBe(250);
    expect(await take(open, r, good.replace('Person 299', 'Person 300'))).toBe(250);
    expect(r.found).toMatchObject([[{ result: 'pass', counts: true }], [{ result: 'fail' }]]);
  });

  it.each<[string, (text: string) => string, string]>([
    ['too long', (text) => `X: ${'a'.repeat(2000)}\r\n${text}`, 'header section over 2000 octets'],
    ['of too many fields', (text) => `${'A: a\r\n'.repeat(30)}${text}`, 'more than 30 header fields'],
  ])('has no pass with a header that is %s, and is received', async (_, change, why) => {
    await using r = knowing(rsa.record, { limits: { header: 2000, fields: 30 } });
    const twice = signed(signed(plain, rsa), rsa);
    expect(await take(open, r, twice)).toBe(250);
    expect(await take(open, r, change(twice))).toBe(250);
    expect(await take(open, r, change(plain))).toBe(250);
    const comment = `2 signatures not examined: ${why}`;
    expect(r.found).toMatchObject([
      [{ result: 'pass' }, { result: 'pass' }],
      [{ result: 'policy', counts: false, domain: '', comment, resinfo: [{ result: 'policy', comment }] }],
      [],
    ]);
    expect(r.dns.questions).toHaveLength(1);
  });

  it('has no pass by a signature that is too long, but by another', async () => {
    await using r = knowing(rsa.record, { limits: { field: 600 } });
    const long = signed(plain, rsa).replace(/^DKIM-Signature: /, `DKIM-Signature: z=${'a'.repeat(600)}; `);
    expect(await take(open, r, long)).toBe(250);
    expect(await take(open, r, signed(long, rsa))).toBe(250);
    expect(r.found).toMatchObject([
      [{ result: 'policy', counts: false, comment: '1 signature not examined' }],
      [{ result: 'pass' }, { result: 'policy', counts: false, comment: '1 more signature not examined' }],
    ]);
  });

  it('gets 552 5.3.4 when it is over the limits, if that is asked for, and the session goes on', async () => {
    await using r = knowing(rsa.record, { limits: { header: 100, field: 60, fields: 3 }, overLimit: 'refuse' });
    const client = await open(r.server);
    await client.hello();
    const [section, field, fields] = [`A: ${'a'.repeat(100)}\r\n`, `From: ${'a'.repeat(56)}\r\n`, 'A: a\r\n'.repeat(4)];
    expect(await client.mail({ content: `${section}\r\n` })).toMatchObject({
      code: 552,
      text: 'Header section too large to be verified: at most 100 octets',
    });
    expect(await client.mail({ content: `${field}\r\n` })).toMatchObject({
      code: 552,
      text: 'Header field too large to be verified: at most 60 octets',
    });
    expect(await client.mail({ content: `${fields}\r\n` })).toMatchObject({
      code: 552,
      text: 'Too many header fields to be verified: at most 3',
    });
    expect(await client.mail({ content: `${'A: a\r\n'.repeat(3)}\r\n${'body '.repeat(100)}\r\n` })).toMatchObject({
      code: 250,
    });
    expect(r.found).toEqual([[]]);
  });
});
