import { readFileSync } from 'node:fs';
import { authenticate } from 'mailauth';
import { describe, expect, it } from 'vitest';
import { sealedFiftyTimes, signedMail, signers } from '../src/verified/mail.ts';
import { verifiedRate } from '../src/verified/rate.ts';
import { answersOf } from '../src/verified/zone.ts';

describe('a signed message', { timeout: 60_000 }, () => {
  it.each([10 * 1024, 9 * 1024 * 1024])('of %i octets is what it says on the wire and in its file', async (octets) => {
    await using mail = await signedMail(octets);
    const file = readFileSync(mail.message);
    expect(file.length).toBeGreaterThan(octets * 0.99);
    const wire = Buffer.concat(mail.content).toString('latin1');
    expect(wire.endsWith('\r\n.\r\n')).toBe(true);
    expect(Buffer.from(wire.slice(0, -3).replaceAll('\r\n..', '\r\n.'), 'latin1').equals(file)).toBe(true);
    const { dkim, arc } = await authenticate(file, { resolver: answersOf(mail.zone), disableBimi: true, strict: true });
    expect(dkim.results[0]?.status.result).toBe('pass');
    expect(arc && arc.status.result).toBe('pass');
  });

  it('may be sealed by fifty lists', async () => {
    const by = signers();
    await using mail = await signedMail(1024, by);
    const message = await sealedFiftyTimes(by);
    expect(message.length).toBeLessThan(64 * 1024);
    const { arc } = await authenticate(message, { resolver: answersOf(mail.zone), disableBimi: true, strict: true });
    expect(arc).toMatchObject({ i: 50, status: { result: 'pass' } });
  });
});

describe('the rate of verified messages', { timeout: 60_000 }, () => {
  it('is measured beside mailauth itself', async () => {
    const rows = await verifiedRate(
      'rate',
      { octets: 1024, connections: 1 },
      { rounds: 1, milliseconds: 300, warmUp: 100 },
    );
    expect(rows.map(({ unit, server, peer }) => [unit, server, peer])).toEqual([
      ['messages/s', 'maitred, verifying', 'mailauth'],
      ['CPU µs/message', 'maitred, verifying', 'mailauth'],
    ]);
    for (const { value } of rows) expect(value.least).toBeGreaterThan(0);
  });
});
