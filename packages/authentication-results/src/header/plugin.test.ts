import { Buffer } from 'node:buffer';
import { generateKeyPairSync } from 'node:crypto';
import { Clock, createServer, Identity, Internationalized, replies, type Message } from '@maitred/core';
import { fakeClock, fakeDns, inMemory, ways } from '@maitred/testing';
import { dkimSign, dkimVerify } from 'mailauth';
import { createTransport } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import { parseAuthres } from '../../test/authres.ts';
import { ArcResult, DkimResults, DmarcResult, IprevResult, SpfResult } from '../keys.ts';
import type { Resinfo } from '../results.ts';
import { authenticationResults, type AuthenticationResultsOptions } from './plugin.ts';

const resinfo = (method: string, result: string, value?: string): readonly Resinfo[] => [
  {
    method,
    result,
    properties: value === undefined ? [] : [{ ptype: 'header', property: 'd', value }],
  },
];
const found = {
  iprev: { result: 'pass', address: '192.0.2.1', resinfo: resinfo('iprev', 'pass') },
  spf: { identity: 'mailfrom', result: 'pass', domain: 'example.org', resinfo: resinfo('spf', 'pass') },
  arc: { result: 'none', sets: [], trusted: [], resinfo: resinfo('arc', 'none') },
  dmarc: { result: 'pass', domain: 'example.org', disposition: 'none', aligned: {}, resinfo: resinfo('dmarc', 'pass') },
} as const;
const dkim = (result: 'pass' | 'fail', domain: string) => ({
  result,
  domain,
  selector: 's',
  algorithm: 'rsa-sha256',
  identity: `@${domain}`,
  counts: result === 'pass',
  uncovered: 0,
  testing: false,
  future: false,
  resinfo: resinfo('dkim', result, domain),
});

/** A receiver whose verdicts `finds` sets; `stored` is what a sink reads, `Received` left out. */
function receiver(options: AuthenticationResultsOptions = {}, finds: (ctx: Message) => void = () => {}) {
  const stored: string[] = [];
  const server = createServer({ hostname: 'mx.example' })
    .on('message', (ctx, next) => {
      finds(ctx);
      return next();
    })
    .use(authenticationResults(options))
    .accept(() => true)
    .deliver(async ({ content }) => {
      const text = (await content.bytes(1_000_000)).toString('latin1');
      stored.push(text.replace(/^Received: .*\r\n(?:\t.*\r\n)*/m, '')); // core's own
    });
  return { server, stored, [Symbol.asyncDispose]: () => server.close({ deadline: 0 }) };
}

const plain = 'From: ann@example.org\r\nSubject: hello\r\n\r\nbody\r\n';
const forgeries = [
  'Authentication-Results: MX.example (it was us);',
  '\tdkim=pass header.d=bank.example',
  'authentication-results : "mx.example" 1; spf=pass',
  'Authentication-Results: other.example; spf=pass',
  'Return-Path: <boss@bank.example>',
  'Received-SPF: pass',
  'BIMI-Indicator: PHN2Zz4=',
  'BIMI-Location: v=BIMI1; l=https://bank.example/logo.svg',
  'BIMI-Selector: v=BIMI1; s=mine',
  '',
].join('\r\n');

const fieldOf = (text: string | undefined): string =>
  /^Authentication-Results: ((?:[^\r]|\r\n[ \t])*)/.exec(text ?? '')?.[1] ?? '';

describe.each(ways)('Authentication-Results, $name', ({ open }) => {
  it('stands on top, with all methods in their order', async () => {
    await using it = receiver({}, (ctx) => {
      ctx.set(DmarcResult, found.dmarc);
      ctx.set(ArcResult, found.arc);
      ctx.set(DkimResults, [dkim('pass', 'example.org'), dkim('fail', 'list.example')]);
      ctx.set(SpfResult, Promise.resolve(found.spf));
      ctx.set(IprevResult, Promise.resolve(found.iprev));
    });
    const client = await open(it.server);
    await client.hello();
    expect(await client.mail({ content: plain })).toMatchObject({ code: 250 });
    const [text] = it.stored;
    expect(text?.endsWith(`\r\n${plain}`)).toBe(true);
    const { authservId, results } = parseAuthres(fieldOf(text));
    expect(authservId).toBe('mx.example');
    expect(results.map(({ method, result, properties }) => [method, result, ...properties].join(' '))).toEqual([
      'iprev pass',
      'spf pass',
      'dkim pass header.d=example.org',
      'dkim fail header.d=list.example',
      'arc none',
      'dmarc pass',
    ]);
  });

  it('says that a message is not signed, and that nothing was checked', async () => {
    await using unsigned = receiver({}, (ctx) => ctx.set(DkimResults, []));
    await using unchecked = receiver({ authservId: 'authserv.example' });
    for (const { server } of [unsigned, unchecked]) {
      const client = await open(server);
      await client.hello();
      await client.mail({ content: plain });
    }
    expect(unsigned.stored).toEqual([
      `Authentication-Results: mx.example;\r\n\tdkim=none (message not signed)\r\n${plain}`,
    ]);
    expect(unchecked.stored).toEqual([`Authentication-Results: authserv.example; none\r\n${plain}`]);
  });

  it("removes what a stranger wrote in the receiver's name, and nothing else", async () => {
    await using it = receiver({ ours: ['old.example'] });
    const client = await open(it.server);
    await client.hello();
    await client.mail({ content: `${forgeries}Authentication-Results: old.example; dmarc=pass\r\n${plain}` });
    expect(it.stored).toEqual([
      'Authentication-Results: mx.example; none\r\n' +
        'Authentication-Results: other.example; spf=pass\r\n' +
        'BIMI-Selector: v=BIMI1; s=mine\r\n' +
        plain,
    ]);
  });

  it.each(['\t; dmarc=pass header.from=bank.example\r\n', 'From joe Mon\r\n', 'no field\r\n'])(
    'is not added to, and nothing is hidden from it, by %j on top',
    async (line) => {
      await using it = receiver();
      const client = await open(it.server);
      await client.hello();
      const content = `${line}Authentication-Results: mx.example; dmarc=pass\r\n${plain}`;
      await client.mail({ content });
      const [header, body] = (it.stored[0] ?? '').split('\r\n\r\n');
      expect(header).toBe('Authentication-Results: mx.example; none');
      expect(body?.startsWith(line)).toBe(true);
    },
  );

  it('keeps the fields of a host that is believed', async () => {
    await using it = receiver({ believes: ({ remote }) => remote.address === '127.0.0.1' });
    const client = await open(it.server);
    await client.hello();
    await client.mail({ content: forgeries + plain });
    expect(it.stored).toEqual([`Authentication-Results: mx.example; none\r\n${forgeries}${plain}`]);
  });

  it('says that a client is authenticated, and who it is only where all may know', async () => {
    for (const [options, property] of [
      [{}, ''],
      [{ identity: true }, ' smtp.auth="ann \\"x\\" (y)"'],
    ] as const) {
      await using it = receiver(options, (ctx) => {
        ctx.set(Identity, { id: 'ann "x" (y)', by: 'SCRAM-SHA-256' });
        ctx.set(IprevResult, Promise.resolve(found.iprev));
        ctx.set(ArcResult, found.arc);
      });
      const client = await open(it.server);
      await client.hello();
      await client.mail({ content: plain });
      const field = fieldOf(it.stored[0]);
      expect(field.replace(/\r\n\t/g, ' ')).toBe(
        `mx.example; iprev=pass; auth=pass (SCRAM-SHA-256)${property}; arc=none`,
      );
      expect(parseAuthres(field).results[1]).toMatchObject({ method: 'auth', result: 'pass' });
    }
  });

  it('believes nobody for a promise', async () => {
    await using it = receiver({ believes: (async () => true) as never });
    const client = await open(it.server);
    await client.hello();
    await client.mail({ content: forgeries + plain });
    expect(it.stored[0]).not.toContain('bank.example');
  });

  it("reports the application's own checks behind the others", async () => {
    await using it = receiver({ more: async () => resinfo('dnswl', 'pass') }, (ctx) => ctx.set(ArcResult, found.arc));
    const client = await open(it.server);
    await client.hello();
    await client.mail({ content: plain });
    expect(fieldOf(it.stored[0])).toBe('mx.example;\r\n\tarc=none;\r\n\tdnswl=pass');
  });

  it('writes UTF-8 only into messages that may hold it', async () => {
    await using it = receiver({}, (ctx) => {
      ctx.set(DkimResults, [dkim('pass', 'bücher.example')]);
      if (ctx.sender.local === 'utf8') ctx.set(Internationalized, true);
    });
    const client = await open(it.server);
    await client.hello();
    await client.mail({ content: plain });
    await client.mail({ from: 'utf8@client.example', content: plain });
    expect(fieldOf(it.stored[0])).toBe('mx.example;\r\n\tdkim=pass');
    expect(fieldOf(it.stored[1])).toBe(
      `mx.example;\r\n\tdkim=pass header.d="${Buffer.from('bücher').toString('latin1')}.example"`,
    );
  });

  it('waits no longer than its client for what never comes', async () => {
    for (const never of ['more', 'found'] as const) {
      let enter: (() => void) | undefined;
      const entered = new Promise<void>((resolve) => (enter = resolve));
      const pending = (): Promise<never> => {
        enter?.();
        return new Promise(() => {});
      };
      const more = never === 'more' ? { more: pending } : {};
      await using it = receiver(more, (ctx) => {
        if (never === 'found') ctx.set(SpfResult, pending());
      });
      const closed = new Promise<void>((resolve) =>
        it.server.override(Clock, fakeClock()).on('close', () => resolve()),
      );
      const client = await open(it.server);
      await client.hello();
      const answer = client.mail({ content: plain }).catch(() => 'lost');
      await entered;
      client.destroy();
      expect(await answer).toBe('lost');
      await closed;
      expect(it.stored).toEqual([]);
    }
  });

  it('waits for what is pending', async () => {
    await using it = receiver({}, (ctx) => {
      ctx.set(SpfResult, new Promise((resolve) => void setImmediate(() => resolve(found.spf))));
    });
    const client = await open(it.server);
    await client.hello();
    await client.mail({ content: plain });
    expect(fieldOf(it.stored[0])).toBe('mx.example;\r\n\tspf=pass');
  });
});

describe('the stored message', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const record = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const { resolve } = fakeDns({ 's._domainkey.example.org': { TXT: [`v=DKIM1; k=rsa; p=${record}`] } });
  const own = `BIMI-Selector: v=BIMI1; s=mine\r\n${plain.replace(' hello', '  two\r\n \t lines ')}`;

  const verdict = async (text: string): Promise<string | undefined> => {
    const { results } = await dkimVerify(Buffer.from(text, 'latin1'), { resolver: resolve as never, strict: true });
    return results[0]?.status.result;
  };

  const bySigner = {
    'mailauth, relaxed': (text: string) => signed(text, 'relaxed/relaxed'),
    'mailauth, simple': (text: string) => signed(text, 'simple/simple'),
    nodemailer: async (raw: string) => {
      const dkim = { domainName: 'example.org', keySelector: 's', privateKey: pem };
      const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows', dkim });
      const envelope = { from: 'ann@example.org', to: 'bob@mx.example' };
      return ((await transport.sendMail({ raw, envelope })).message as Buffer).toString('latin1');
    },
  };

  async function signed(text: string, canonicalization: string): Promise<string> {
    const key = { signingDomain: 'example.org', selector: 's', privateKey: pem };
    const { signatures } = await dkimSign(text, {
      ...key,
      signatureData: [key],
      canonicalization,
      headerList: ['from', 'subject', 'bimi-selector'],
    });
    return signatures + text;
  }

  it.each(Object.entries(bySigner))('still bears the signature of %s, which verifies', async (_, sign) => {
    const sent = await sign(own);
    expect(await verdict(sent)).toBe('pass');
    await using it = receiver({}, (ctx) => ctx.set(DkimResults, [dkim('pass', 'example.org')]));
    const client = await inMemory.open(it.server);
    await client.hello();
    await client.mail({ content: forgeries.replace(/BIMI-Selector.*\r\n/, '') + sent });
    const [text = ''] = it.stored;
    expect(text).not.toContain('bank.example');
    expect(text.endsWith(sent)).toBe(true);
    expect(await verdict(text)).toBe('pass');
    expect(await verdict(text.replace('two', 'too'))).toBe('fail');
  });
});

describe('authenticationResults', () => {
  it('refuses an authserv-id that can not be written', () => {
    expect(() => authenticationResults({ authservId: 'mx\r\nexample' })).toThrow(RangeError);
  });

  it('is no answer to a message that somebody refuses', async () => {
    await using it = receiver();
    it.server.on('message', async () => replies.of(550, '5.7.1', 'No'));
    const client = await inMemory.open(it.server);
    await client.hello();
    expect(await client.mail({ content: plain })).toMatchObject({ code: 550 });
    expect(it.stored).toEqual([]);
  });
});
