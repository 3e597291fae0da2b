import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { greeted, receiver, zone } from './receiver.ts';

describe.each(ways)('SPF in enforce, $name', ({ open }) => {
  it("refuses recipients in enforce, and quotes the domain's explanation", async () => {
    await using it = receiver({ policy: 'enforce' }, zone);
    const client = await greeted(open, it);
    await script(
      client,
      `C: MAIL FROM:<a@bad.example>
       S: 250
       C: RCPT TO:<b@mx.example.org>
       S: 550-SPF check of MAIL FROM failed: its domain does not permit this client
       S: 550 The domain bad.example explains: "192.0.2.1 is not ours, says 'good.example'"
       C: RCPT TO:<nobody@mx.example.org>
       S: 550 Recipient not accepted here
       C: RSET
       S: 250
       C: MAIL FROM:<a@slow.example>
       S: 250
       C: RCPT TO:<b@mx.example.org>
       S: 451 SPF check of MAIL FROM could not be completed: try again later
       C: RSET
       S: 250`,
    );
    expect(await client.mail({ from: 'a@soft.example' })).toMatchObject({ code: 250 });
    expect(await client.mail({ from: 'a@broken.example' })).toMatchObject({ code: 250 });
    expect(await client.mail({ from: 'a@unknown.example' })).toMatchObject({ code: 250 });
  });

  it('refuses who greets with a name that is not theirs', async () => {
    await using it = receiver({ policy: 'enforce' }, zone);
    const client = await greeted(open, it, 'bad.example');
    await script(
      client,
      'C: MAIL FROM:<a@good.example>\nS: 250\nC: RCPT TO:<b@mx.example.org>\nS: 550 /^SPF check of HELO failed/',
    );
    await using lax = receiver({ policy: 'enforce', helo: false }, zone);
    const other = await greeted(open, lax, 'bad.example');
    expect(await other.mail({ from: 'a@good.example' })).toMatchObject({ code: 250 });
  });

  it('refuses the sender of a record in error where that is asked for', async () => {
    await using it = receiver({ policy: 'enforce', permerror: 'refuse' }, zone);
    const client = await greeted(open, it);
    await script(client, 'C: MAIL FROM:<a@broken.example>\nS: 250\nC: RCPT TO:<b@mx.example.org>\nS: 550 /in error$/');
  });

  it('tells who is not there so at once, whatever the DNS does', async () => {
    await using it = receiver({ policy: 'enforce' }, zone);
    const client = await greeted(open, it);
    await script(client, 'C: MAIL FROM:<a@dead.example>\nS: 250\nC: RCPT TO:<nobody@mx.example.org>\nS: 550');
    expect(it.dns.pending).toBeGreaterThan(0);
  });

  it.each(['enforce', 'report'] as const)('is over when the client vanishes while it waits, in %s', async (policy) => {
    await using it = receiver({ policy, receivedSpf: true }, zone);
    const client = await greeted(open, it);
    await script(client, 'C: MAIL FROM:<a@dead.example>\nS: 250');
    client.send('RCPT TO:<b@mx.example.org>\r\n');
    if (policy === 'report') {
      expect(await client.reply()).toMatchObject({ code: 250 });
      await script(client, 'C: DATA\nS: 354');
      client.send('.\r\n');
    }
    await it.reached[policy === 'enforce' ? 'rcpt' : 'message'];
    client.destroy();
    expect(await it.results[0]).toMatchObject({ result: 'temperror' });
    expect(it.dns.pending).toBe(0);
    expect(it.log.records).toEqual([]);
  });
});
