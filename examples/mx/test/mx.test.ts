import { describe, expect, it } from 'vitest';
import { script } from '@maitred/testing';
import { composed, fieldOf, house, signing } from './house.ts';

const mail = { from: 'Ann <ann@sender.example>', to: 'bob@example.org', subject: 'Hello', text: 'Hello, Bob.' };

describe('a real mail, by a DNS server over UDP', () => {
  it('passes all there is, and its stored header says so', async () => {
    await using it = await house();
    await it.send(mail, signing);
    const [stored = '', ...others] = await it.stored();
    expect(others).toEqual([]);
    const results = fieldOf(stored, 'Authentication-Results');
    expect(results).toMatch(/^mx\.example\.org; iprev=pass /);
    expect(results).toMatch(/; spf=pass .*smtp\.mailfrom=sender\.example/);
    expect(results).toMatch(/; dkim=pass .*header\.d=sender\.example/);
    expect(results).toMatch(/; arc=none/);
    expect(results).toMatch(/; dmarc=pass .*header\.from=sender\.example/);
    expect(it.dns.questions).toEqual(
      expect.arrayContaining([
        'PTR 1.0.0.127.in-addr.arpa',
        'A mail.sender.example',
        'TXT sender.example',
        'TXT s1._domainkey.sender.example',
        'TXT _dmarc.sender.example',
      ]),
    );
    expect(stored).toContain('\r\nHello, Bob.\r\n');
    expect(fieldOf(stored, 'Delivered-To')).toBe('bob@example.org');
    expect(it.log.records).toEqual([]);
  });

  it('is printed as a table', async () => {
    await using it = await house();
    await it.send(mail, signing);
    const [table = ''] = it.tables;
    const [head, ...lines] = table.trimEnd().split('\n');
    expect(head).toMatch(
      /^<ann@sender\.example> → bob@example\.org, \d+ octets from 127\.0\.0\.1 \(mail\.sender\.example\)$/,
    );
    expect(lines.map((line) => line.trim().split(/ {2,}/).slice(0, 2).join(' '))).toEqual([
      'iprev pass',
      'spf pass',
      'spf none',
      'dkim pass',
      'arc none',
      'dmarc pass',
      expect.stringMatching(/^250 2\.0\.0 /),
    ]);
  });

  it('comes in chunks too', async () => {
    await using it = await house();
    const message = await composed({ ...mail, text: 'All work and no play.\n'.repeat(20_000) });
    const client = it.connect();
    await client.hello('mail.sender.example');
    await script(client, 'C: MAIL FROM:<ann@sender.example>\nS: 250\nC: RCPT TO:<bob@example.org>\nS: 250');
    const half = Math.floor(message.length / 2);
    for (const [at, last] of [
      [0, ''],
      [half, ' LAST'],
    ] as const) {
      const chunk = message.subarray(at, at === 0 ? half : message.length);
      client.send(Buffer.concat([Buffer.from(`BDAT ${chunk.length}${last}\r\n`), chunk]));
      expect(await client.reply()).toMatchObject({ code: 250 });
    }
    const [stored = ''] = await it.stored();
    expect(fieldOf(stored, 'Authentication-Results')).toMatch(/; spf=pass .*; dkim=pass .*; dmarc=pass/);
  });

  it('is of the client that a listed proxy tells', async () => {
    await using it = await house({ proxies: ['127.0.0.1'] });
    const client = it.connect();
    client.send('PROXY TCP4 192.0.2.99 192.0.2.25 40000 25\r\n');
    await client.hello('mail.sender.example');
    const content = await composed(mail);
    expect(await client.mail({ from: 'ann@sender.example', to: 'bob@example.org', content })).toMatchObject({
      code: 250,
    });
    const [stored = ''] = await it.stored();
    expect(fieldOf(stored, 'Authentication-Results')).toMatch(/; spf=fail .*; dkim=pass .*; dmarc=pass/);
    expect(it.tables[0]).toContain('from 192.0.2.99 (mail.sender.example)');
  });
});

describe('a mail that is not what it claims to be', () => {
  it('is refused where the domain of its author wants that', async () => {
    await using it = await house();
    await expect(it.send({ ...mail, from: 'Bank <no-reply@bank.example>' })).rejects.toMatchObject({
      responseCode: 550,
      response: expect.stringContaining('5.7.1'),
    });
    expect(await it.stored()).toEqual([]);
    expect(it.tables).toMatchObject([
      expect.stringMatching(/\n {2}spf +fail [^]*\n {2}dmarc +fail [^]*\n {2}550 5\.7\.1 /),
    ]);
  });

  it('is put off where the DNS is in trouble', async () => {
    await using it = await house();
    await expect(it.send({ ...mail, from: 'ann@slow.example' })).rejects.toMatchObject({ responseCode: 451 });
    expect(it.tables).toMatchObject([expect.stringMatching(/\n {2}spf +temperror [^]*\n {2}dmarc +temperror /)]);
  });

  it('is kept and marked where that is enough', async () => {
    await using it = await house();
    await it.send({ ...mail, from: 'Shop <no-reply@shop.example>' });
    const [stored = ''] = await it.stored();
    expect(fieldOf(stored, 'X-Quarantine')).toBe('dmarc');
    expect(fieldOf(stored, 'Authentication-Results')).toMatch(/; dmarc=fail /);
  });

  it('has what it forged of our own word removed', async () => {
    await using it = await house();
    const headers = {
      'Authentication-Results': 'mx.example.org; dmarc=pass header.from=bank.example',
      'Received-SPF': 'pass',
      'X-Quarantine': 'no',
    };
    await it.send({ ...mail, headers }, signing);
    const [stored = ''] = await it.stored();
    expect(stored).not.toContain('bank.example');
    expect(fieldOf(stored, 'Received-SPF')).toBeUndefined();
    expect(fieldOf(stored, 'X-Quarantine')).toBeUndefined();
    expect(fieldOf(stored, 'Authentication-Results')).toMatch(/; dkim=pass .*; dmarc=pass/);
  });
});

describe('an MX', () => {
  it('takes mail for its own domains alone', async () => {
    await using it = await house();
    await expect(it.send({ ...mail, to: 'eve@elsewhere.example' }, signing)).rejects.toMatchObject({
      responseCode: 550,
    });
    expect(it.tables).toEqual([]);
  });

  it('leaves the mail of trusted networks alone', async () => {
    await using it = await house({ trusted: ['127.0.0.0/8'] });
    await it.send({ ...mail, from: 'no-reply@bank.example' });
    const [stored = ''] = await it.stored();
    expect(fieldOf(stored, 'Authentication-Results')).not.toMatch(/spf=|dmarc=/);
  });
});
