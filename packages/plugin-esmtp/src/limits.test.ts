import { fc } from '@fast-check/vitest';
import { defaultLimits } from '@maitred/core';
import { octetByOctet, script, selfSigned, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { receiver } from '../test/receiver.ts';
import { advertised, limits } from './limits.ts';

const from = 'MAIL FROM:<a@client.example>';

describe.each(ways)('LIMITS, $name', ({ open }) => {
  it('is offered with what the server holds clients to', async () => {
    await using r = receiver(limits({ recipientDomains: 3 }), { limits: { messages: 5, recipients: 20 } });
    const client = await open(r.server);
    expect(await client.hello()).toMatchObject({
      lines: ['mx.example', 'LIMITS MAILMAX=5 RCPTMAX=20 RCPTDOMAINMAX=3'],
    });
  });

  it("is offered with core's own limits when nothing is set", async () => {
    await using r = receiver(limits());
    const client = await open(r.server);
    expect(await client.hello()).toMatchObject({ lines: ['mx.example', 'LIMITS MAILMAX=100 RCPTMAX=1000'] });
  });

  it('is not offered when there is no limit to tell', async () => {
    const none = Number.POSITIVE_INFINITY;
    await using r = receiver(limits(), { limits: { messages: none, recipients: none } });
    const client = await open(r.server);
    expect(await client.hello()).toMatchObject({ lines: ['mx.example'] });
  });

  it('tells the truth of MAILMAX: so many messages, and no more', async () => {
    await using r = receiver(limits(), { limits: { messages: 3 } });
    const client = await open(r.server);
    expect((await client.hello()).lines).toContain('LIMITS MAILMAX=3 RCPTMAX=1000');
    for (let message = 0; message < 3; message++) expect(await client.mail()).toMatchObject({ code: 250 });
    expect(await client.command(from)).toMatchObject({ code: 421 });
    expect(r.kept).toHaveLength(3);
  });

  it('tells the truth of RCPTMAX: so many recipients, and no more', async () => {
    await using r = receiver(limits(), { limits: { recipients: 2 } });
    const client = await open(r.server);
    expect((await client.hello()).lines).toContain('LIMITS MAILMAX=100 RCPTMAX=2');
    await script(
      client,
      `C: ${from}
       S: 250
       C: RCPT TO:<a@server.example>
       S: 250
       C: RCPT TO:<b@server.example>
       S: 250
       C: RCPT TO:<c@server.example>
       S: 452`,
    );
  });
});

describe.each(ways)('RCPTDOMAINMAX, $name', ({ open }) => {
  it('counts the different domains of a session, over all its messages', async () => {
    await using r = receiver(limits({ recipientDomains: 2 }));
    const client = await open(r.server);
    await client.hello();
    await script(
      client,
      `C: ${from}
       S: 250
       C: RCPT TO:<a@one.example>
       S: 250
       C: RCPT TO:<b@ONE.example>
       S: 250
       C: RCPT TO:<postmaster>
       S: 250
       C: RSET
       S: 250
       C: ${from}
       S: 250
       C: RCPT TO:<a@bücher.example>
       S: 553
       C: RCPT TO:<a@xn--bcher-kva.example>
       S: 250
       C: RCPT TO:<a@three.example>
       S: 452 Too many recipient domains in this session
       C: EHLO client.example
       S: 250
       C: ${from}
       S: 250
       C: RCPT TO:<a@three.example>
       S: 452
       C: RCPT TO:<c@one.example>
       S: 250
       C: DATA
       S: 354
       C: hello
       C: .
       S: 250`,
    );
    expect(r.kept).toHaveLength(1);
  });

  it('counts none that was refused', async () => {
    await using r = receiver(limits({ recipientDomains: 1 }));
    r.server.on('rcpt', async (ctx, next) => {
      const reply = await next();
      return ctx.recipient.path.local === 'nobody' ? { ...reply, code: 550 } : reply;
    });
    const client = await open(r.server);
    await client.hello();
    await script(
      client,
      `C: ${from}
       S: 250
       C: RCPT TO:<nobody@one.example>
       S: 550
       C: RCPT TO:<a@two.example>
       S: 250
       C: RCPT TO:<a@one.example>
       S: 452`,
    );
  });

  it('starts anew with the session', async () => {
    await using r = receiver(limits({ recipientDomains: 1 }));
    for (const domain of ['one.example', 'two.example']) {
      const client = await open(r.server);
      await client.hello();
      await script(client, `C: ${from}\nS: 250\nC: RCPT TO:<a@${domain}>\nS: 250`);
      client.destroy();
    }
  });
});

describe('limits', () => {
  it('is the same in describe() as EHLO says', async () => {
    await using r = receiver(limits({ recipientDomains: 7 }), { limits: { messages: 5 } });
    const { keywords } = r.server.describe();
    expect(keywords.plain).toEqual(['LIMITS MAILMAX=5 RCPTMAX=1000 RCPTDOMAINMAX=7']);
    const plain = await octetByOctet.open(r.server);
    expect((await plain.hello()).lines.slice(1)).toEqual(keywords.plain);
    const tls = await octetByOctet.open(r.server, { tls: selfSigned('mx.example') });
    expect((await tls.hello()).lines.slice(1)).toEqual(keywords.tls);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY])('takes no %d recipient domains', (recipientDomains) => {
    expect(() => limits({ recipientDomains })).toThrow(RangeError);
  });

  it('advertises positive numbers of up to six digits, never above the limit', () => {
    const limit = fc.oneof(fc.double({ min: -10, max: 2e6 }), fc.nat(2_000_000), fc.constant(Number.POSITIVE_INFINITY));
    fc.assert(
      fc.property(limit, limit, limit, (messages, recipients, domains) => {
        const told = advertised({ ...defaultLimits, messages, recipients }, domains);
        const held: Record<string, number> = { MAILMAX: messages, RCPTMAX: recipients, RCPTDOMAINMAX: domains };
        for (const one of told) {
          const [, name = '', value] = /^([A-Z]+)=([1-9][0-9]{0,5})$/.exec(one) ?? [];
          expect(Number(value)).toBeLessThanOrEqual(held[name] ?? Number.NaN);
        }
        const tellable = Object.values(held).filter((value) => value >= 1 && value < 1_000_000);
        expect(told).toHaveLength(tellable.length);
      }),
    );
  });
});
