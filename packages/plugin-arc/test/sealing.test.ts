import { Buffer } from 'node:buffer';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { authenticationResults, DmarcResult, SpfResult, type Dmarc, type Spf } from '@maitred/authentication-results';
import { definePlugin, Log, service, type Message, type Plugin } from '@maitred/core';
import { inMemory, memoryLog, ways } from '@maitred/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { ArcReceived, arcSealer, Sealer, SealingKeys, type Received } from '../src/index.ts';
import { readPayload } from '../src/payload.ts';
import { tags, worthOf } from './independent.ts';
import { pair, type Pair } from './keys.ts';
import { receiver, type Kept, type Receiver } from './receiver.ts';

const letter = (subject: string, body = 'Hello.\r\n'): string =>
  `From: Ann <ann@author.example>\r\nTo: list@lists.example\r\nSubject: ${subject}\r\n\r\n${body}`;

const one = pair('one.example');
const two = pair('two.example', 'ed25519');
const three = pair('three.example', 'rsa', 's3');
const zone = { ...one.zone, ...two.zone, ...three.zone };

/** What other plugins would have found. */
const findings: Plugin = definePlugin({
  name: 'findings',
  provides: [SpfResult, DmarcResult],
  stages: {
    mail: async (ctx, next) => {
      const spf: Spf = {
        identity: 'mailfrom',
        result: 'pass',
        domain: 'author.example',
        resinfo: [
          {
            method: 'spf',
            result: 'pass',
            comment: 'says; dmarc=fail (or "not")',
            properties: [{ ptype: 'smtp', property: 'mailfrom', value: 'a;b "c"@author.example' }],
          },
        ],
      };
      ctx.set(SpfResult, Promise.resolve(spf));
      return next();
    },
    message: async (ctx, next) => {
      const properties = [{ ptype: 'header', property: 'from', value: 'author.example' }];
      const resinfo = [{ method: 'dmarc', result: 'pass', properties }];
      ctx.set(DmarcResult, { result: 'pass', domain: 'author.example', resinfo } as unknown as Dmarc);
      return next();
    },
  },
});

const sealing = ({ key }: Pair, stored?: () => boolean): Plugin =>
  arcSealer({ authservId: `mx.${key.domain}`, domain: key.domain, keys: [key], ...(stored && { stored }) });

async function send(to: Receiver, content: string | Uint8Array): Promise<Kept> {
  const client = await inMemory.open(to.server);
  await client.hello();
  expect(await client.mail({ content })).toMatchObject({ code: 250 });
  client.destroy();
  return to.kept.at(-1) as Kept;
}

describe('a list of keys', () => {
  it.each([
    ['one.example', one, /^ARC-Seal: i=1; a=rsa-sha256;.* s=arc;/m],
    ['two.example', two, /^ARC-Seal: i=1; a=ed25519-sha256;.* s=arc;/m],
  ])('seals for %s with the first of that domain', async (domain, { publicKey }, field) => {
    const later = pair('two.example', 'rsa', 's3');
    const keys = [one.key, two.key, later.key];
    const plugins = [findings, arcSealer({ authservId: `mx.${domain}`, domain, keys, stored: () => true })];
    const { content } = await send(receiver({ zone, plugins }), letter('a'));
    const unfolded = String(content).replace(/\r\n[ \t]+/g, ' ');
    expect(unfolded).toMatch(field);
    expect(worthOf(String(content), 1, publicKey)).toEqual({ seal: true, signature: true });
  });
});

describe.each(ways)('a message that is kept with a set, $name', ({ open }) => {
  it('is worth what it was when it came, to the next receiver', async () => {
    const forwarder = receiver({ zone, plugins: [findings, authenticationResults(), sealing(one, () => true)] });
    const client = await open(forwarder.server);
    await client.hello();
    expect(await client.mail({ content: letter('a') })).toMatchObject({ code: 250 });
    client.destroy();
    const content = String(forwarder.kept[0]?.content);
    expect(content).toMatch(/^ARC-Seal: i=1;.*^ARC-Message-Signature: i=1;.*^ARC-Authentication-Results: i=1;/ms);
    expect(worthOf(content, 1, one.publicKey)).toEqual({ seal: true, signature: true });

    const next = receiver({ zone, trusted: ['one.example'] });
    const { arc } = await send(next, content);
    expect(arc).toMatchObject({
      result: 'pass',
      sets: [{ instance: 1, domain: 'one.example', selector: 'arc', authservId: 'mx.one.example' }],
      comment: 'i=1',
    });
    expect(arc?.trusted).toEqual(arc?.sets);
    expect(arc?.trusted[0]?.results.map(({ method, result }) => `${method}=${result}`)).toEqual([
      'spf=pass',
      'arc=none',
      'dmarc=pass',
    ]);
    expect(arc?.resinfo).toEqual([
      {
        method: 'arc',
        result: 'pass',
        comment: 'i=1',
        properties: [{ ptype: 'smtp', property: 'remote-ip', value: '127.0.0.1' }],
      },
    ]);
    await Promise.all([forwarder.server.close(), next.server.close()]);
  });
});

describe('a set', () => {
  it('covers the header as it is kept, and tells of the results that the message has', async () => {
    const edits = definePlugin({
      name: 'edits',
      stages: {
        message: async ({ content: { header } }, next) => {
          header.remove((name) => name === 'Subject');
          header.prepend('Subject: edited');
          header.prepend('List-Id: <list.lists.example>');
          return next();
        },
      },
    });
    const { server, kept } = receiver({ zone, plugins: [findings, edits, sealing(one, () => true)] });
    const { content } = await send({ server, kept } as Receiver, letter('removed'));
    expect(String(content)).not.toContain('removed');
    expect(worthOf(String(content), 1, one.publicKey)).toEqual({ seal: true, signature: true });
    expect(tags(/^ARC-Message-Signature.*(?:\r\n[ \t].*)*/m.exec(String(content))?.[0] ?? '')['h']?.toLowerCase()).toBe(
      'to:from:subject:list-id',
    );
    await server.close();
  });

  it('verifies, of a hundred messages that are sealed at the same time', { timeout: 30_000 }, async () => {
    let sealedAtOnce = 0;
    let most = 0;
    const keys = definePlugin({
      name: 'keys',
      provides: [SealingKeys],
      services: [
        service({
          token: SealingKeys,
          create: () => ({
            async find(domain) {
              most = Math.max(most, (sealedAtOnce += 1));
              await new Promise((resolve) => setTimeout(resolve, 50));
              sealedAtOnce -= 1;
              return [one.key, two.key].find((key) => key.domain === domain);
            },
          }),
        }),
      ],
    });
    const forwarder = receiver({
      zone,
      plugins: [keys, arcSealer({ authservId: 'mx', domain: 'one.example', stored: () => true })],
    });
    const all = Array.from({ length: 100 }, (_, n) => letter(`number ${n}`, `${'line\r\n'.repeat(n)}${n}\r\n`));
    await Promise.all(
      all.map(async (content) => {
        const client = await inMemory.open(forwarder.server);
        await client.hello();
        expect(await client.mail({ content })).toMatchObject({ code: 250 });
        client.destroy();
      }),
    );
    expect(forwarder.kept).toHaveLength(100);
    expect(most).toBeGreaterThan(10);

    const next = receiver({ zone });
    const found = await Promise.all(
      forwarder.kept.map(async ({ content }) => {
        const client = await inMemory.open(next.server);
        await client.hello();
        await client.mail({ content });
        client.destroy();
        return worthOf(String(content), 1, one.publicKey);
      }),
    );
    expect(found).toEqual(found.map(() => ({ seal: true, signature: true })));
    expect(next.kept.map(({ arc }) => arc?.result)).toEqual(next.kept.map(() => 'pass'));
    const subjects = next.kept.map(({ content }) => /^Subject: (.*)\r$/m.exec(String(content))?.[1]);
    expect(new Set(subjects).size).toBe(100);
    await Promise.all([forwarder.server.close(), next.server.close()]);
  });
});

describe('a chain of three hops, each of which changes the message', () => {
  const lists: Receiver[] = [];
  const mx = receiver({ zone, trusted: ['two.example', 'three.example'] });
  const sent: string[] = [];

  /** A mailing list: changes, seals, sends on. */
  const list = (by: Pair, next: () => Receiver): Receiver => {
    const made = receiver({
      zone,
      plugins: [findings, authenticationResults({ authservId: `mx.${by.key.domain}` }), sealing(by)],
      whenKept: async (message: Message) => {
        const received = JSON.parse(JSON.stringify(message.need(ArcReceived))) as Received;
        const changed = String(await buffer(message.content.stream()))
          .replace(/^Subject: /m, `Subject: [${by.key.domain}] `)
          .concat(`--\r\nSent by ${by.key.domain}  \r\n\r\n`);
        const set = await message
          .inject(Sealer)
          .seal(Readable.from(Array.from(changed, (character) => Buffer.from(character))), received);
        sent.push(`${set?.header}${changed}`);
        await send(next(), `${set?.header}${changed}`);
      },
    });
    lists.push(made);
    return made;
  };
  const last = list(three, () => mx);
  const middle = list(two, () => last);
  const first = list(one, () => middle);
  afterAll(() => Promise.all([...lists, mx].map(({ server }) => server.close())));

  it('verifies', async () => {
    await send(first, letter('hello'));
    const { arc, content } = mx.kept[0] as Kept;
    expect(arc?.result).toBe('pass');
    expect(arc?.sets.map(({ instance, domain }) => [instance, domain])).toEqual([
      [1, 'one.example'],
      [2, 'two.example'],
      [3, 'three.example'],
    ]);
    expect(String(content)).toContain('Subject: [three.example] [two.example] [one.example] hello');
    for (const [at, { publicKey }] of [one, two, three].entries()) {
      expect(worthOf(sent[at] ?? '', at + 1, publicKey)).toEqual({ seal: true, signature: true });
    }
  });

  it('is trusted as far back as its sealers are', () => {
    expect(mx.kept[0]?.arc?.trusted.map(({ instance }) => instance)).toEqual([2, 3]);
  });

  it.each([
    ['the body', (text: string) => `${text}P.S.\r\n`],
    ['a signed field', (text: string) => text.replace('Subject: ', 'Subject: Re: ')],
    ['an old seal', (text: string) => text.replace(/(ARC-Seal: i=1;[^]*?\bb=\S*?)([^A\s])/, '$1A')],
    [
      'what an old hop found',
      (text: string) => text.replace(/(ARC-Authentication-Results: i=1;[^]*?dmarc=)pass/, '$1fail'),
    ],
    ['a hop', (text: string) => text.replace(/ARC-Seal: i=2;.*\r\n(?:[ \t].*\r\n)*/, '')],
  ])('does not, once somebody changed %s', async (_, change) => {
    const changed = change(sent.at(-1) ?? '');
    expect(changed).not.toBe(sent.at(-1));
    const { arc } = await send(mx, changed);
    expect(arc).toMatchObject({ result: 'fail', trusted: [], comment: expect.stringMatching(/./) as string });
  });
});

/** The sealer that a plugin registers. */
async function sealerOf(plugin: Plugin): Promise<Sealer> {
  const { server } = receiver({ plugins: [plugin] });
  let sealer: Sealer | undefined;
  server.on('connect', async (ctx, next) => {
    sealer = ctx.inject(Sealer);
    return next();
  });
  const client = await inMemory.open(server);
  await client.hello();
  client.destroy();
  await server.close();
  return sealer as Sealer;
}

describe('the sealer', () => {
  const received: Received = { chain: 'none', results: [] };
  it.each(['One.Example', 'one.example'])('finds the key of a domain in any case: %s', async (domain) => {
    const keys = [{ ...one.key, domain: 'ONE.example' }];
    const sealer = await sealerOf(arcSealer({ authservId: 'mx', domain, keys }));
    const sealed = await sealer.seal(Buffer.from(letter('a')), received);
    expect(sealed?.fields).toHaveLength(3);
  });

  it('says why it can seal nothing', async () => {
    const bad = (key: object): Plugin =>
      arcSealer({ authservId: 'mx', domain: 'one.example', keys: [{ ...one.key, ...key }] });
    const content = Buffer.from(letter('a'));
    await expect((await sealerOf(bad({ domain: 'x.example' }))).seal(content, received)).rejects.toThrow(
      "the message can't be sealed by one.example: SealingKeys has no key of it",
    );
    await expect((await sealerOf(bad({ privateKey: 'nonsense' }))).seal(content, received)).rejects.toThrow(
      "the message can't be sealed by one.example: ",
    );
    await expect((await sealerOf(bad({ selector: 'a b' }))).seal(content, received)).rejects.toThrow(
      /Invalid s= value/,
    );
    const sealer = await sealerOf(sealing(one));
    await expect(sealer.seal(Buffer.from('Subject: a\r\n\r\n'), received)).rejects.toThrow(/no From header/);
    await expect(sealer.seal(content, { ...received, chain: 'pass' })).rejects.toThrow(/cv=pass/);
    const broken = Readable.from(
      (function* () {
        yield content;
        throw new Error('the disk is on fire');
      })(),
    );
    await expect(sealer.seal(broken, received)).rejects.toThrow('the disk is on fire');
    expect(() => arcSealer({ authservId: '', domain: 'a.example' })).toThrow(RangeError);
  });

  it('makes no set where none would help', async () => {
    const sealer = await sealerOf(sealing(one));
    const first = await sealer.seal(Buffer.from(letter('a')), { ...received, results: [] });
    const message = `${first?.header}${letter('a, changed by a stranger')}`;
    const second = await sealer.seal(Buffer.from(message), { ...received, chain: 'fail' });
    expect(tags(second?.fields[0] ?? '')).toMatchObject({ i: '2', cv: 'fail' });
    // RFC 8617 5.1.2: nobody seals what the newest seal gives up.
    const third = sealer.seal(Buffer.from(`${second?.header}${message}`), { ...received, chain: 'fail' });
    expect(await third).toBeUndefined();
    // The chain failed for a set without a number.
    const unnumbered = `ARC-Seal: a=rsa-sha256; cv=none\r\n${letter('a')}`;
    expect(await sealer.seal(Buffer.from(unnumbered), { ...received, chain: 'fail' })).toBeUndefined();
  });

  it('goes up to fifty', async () => {
    const sealer = await sealerOf(sealing(one));
    const next = receiver({ zone, limits: { field: 100_000, header: 200_000 } });
    let message = letter('a');
    for (let n = 1; n <= 50; n += 1) {
      const set = await sealer.seal(Buffer.from(message), { chain: n === 1 ? 'none' : 'pass', results: [] });
      expect(set?.instance).toBe(n);
      message = `${set?.header}${message}`;
    }
    expect(await sealer.seal(Buffer.from(message), { chain: 'pass', results: [] })).toBeUndefined();
    expect(readPayload(message.split('\r\n').find((line) => line.startsWith('ARC-Auth')) ?? '').authservId).toBe(
      'mx.one.example',
    );
    let turns = 0;
    const count = (): void => {
      turns += 1;
      turn = setImmediate(count);
    };
    let turn = setImmediate(count);
    expect((await send(next, message)).arc).toMatchObject({ result: 'pass', comment: 'i=50' });
    clearImmediate(turn);
    // Others have a turn between any two seals.
    expect(turns).toBeGreaterThan(50);
    await next.server.close();
  });

  it('keeps a message without a set when there can be none, and says so', async () => {
    const log = memoryLog();
    const empty = arcSealer({ authservId: 'mx', domain: 'one.example', keys: [], stored: () => true });
    const to = receiver({ plugins: [empty] });
    to.server.override(Log, log);
    expect(String((await send(to, letter('a'))).content)).not.toContain('ARC-');
    expect(JSON.stringify(log.records)).toContain('the message was not sealed');
    await to.server.close();
  });

  it("doesn't start behind nobody who validates chains, or without keys", async () => {
    const { server } = receiver({ plugins: [arcSealer({ authservId: 'mx', domain: 'one.example' })] });
    await expect(server.start()).rejects.toThrow(/ARC sealing keys/);
    await server.close();
  });
});
