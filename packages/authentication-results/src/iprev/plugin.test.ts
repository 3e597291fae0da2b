import { createServer } from '@maitred/core';
import { fakeDns, ways, type Zone } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { authenticationResults } from '../header/plugin.ts';
import { IprevResult } from '../keys.ts';
import type { Iprev } from '../results.ts';
import { Dns } from '../tokens.ts';
import { iprev } from './plugin.ts';

const remote = { address: '192.0.2.1', port: 25 };
const zone: Zone = {
  '1.2.0.192.in-addr.arpa': { PTR: ['mail.example.org'] },
  'mail.example.org': { A: ['192.0.2.1'] },
};

function receiver(records: Zone) {
  const dns = fakeDns(records);
  const results: (Promise<Iprev> | undefined)[] = [];
  const stored: string[] = [];
  const server = createServer({ hostname: 'mx.example' })
    .override(Dns, dns)
    .use(iprev(), authenticationResults())
    .on('connect', (ctx, next) => {
      results.push(ctx.get(IprevResult));
      return next();
    })
    .accept(() => true)
    .deliver(async ({ content }) => {
      stored.push((await content.bytes(100_000)).toString());
    });
  return { server, dns, results, stored, [Symbol.asyncDispose]: () => server.close({ deadline: 0 }) };
}

describe.each(ways)('iprev, $name', ({ open }) => {
  it('is reported of every message of the connection, and asked once', async () => {
    await using it = receiver(zone);
    const client = await open(it.server, { remote });
    await client.hello();
    await client.mail();
    await client.mail();
    expect(it.stored).toHaveLength(2);
    for (const text of it.stored) {
      expect(text).toMatch(
        /^Authentication-Results: mx\.example;\r\n\tiprev=pass \(mail\.example\.org\) policy\.iprev=192\.0\.2\.1\r\n/,
      );
    }
    expect(it.dns.questions).toHaveLength(2);
  });

  it('does not hold the greeting up, and ends with the connection', async () => {
    await using it = receiver({ '1.2.0.192.in-addr.arpa': 'never' });
    const client = await open(it.server, { remote });
    expect(await client.hello()).toMatchObject({ code: 250 });
    expect(it.dns.pending).toBe(1);
    client.destroy();
    expect(await it.results[0]).toMatchObject({ result: 'temperror' });
    expect(it.dns.pending).toBe(0);
  });

  it('is not asked of a client without an address', async () => {
    await using it = receiver(zone);
    const client = await open(it.server, { remote: { address: '', port: 0 } });
    await client.hello();
    await client.mail();
    expect(it.results).toEqual([undefined]);
    expect(it.stored[0]).toMatch(/^Authentication-Results: mx\.example; none\r\n/);
  });
});

describe('iprev()', () => {
  it('needs a DNS, and says so at start', async () => {
    const server = createServer({ hostname: 'mx.example' }).use(iprev());
    await expect(server.start()).rejects.toThrow('iprev needs dns, which nothing provides');
  });
});
