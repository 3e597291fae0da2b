import { createServer, replies, SmtpError } from '@maitred/core';
import { ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { base64, cheap, house, plainly, users } from '../test/house.ts';
import { auth } from './auth.ts';
import { memoryDirectory } from './directory/memory-directory.ts';
import { cramMd5 } from './mechanisms/cram-md5.ts';
import { everyday } from './mechanisms/everyday.ts';
import { UserDirectory } from './tokens.ts';

const broken = (): Promise<never> => Promise.reject(new Error('LDAP is down'));
const directory: UserDirectory = {
  verifyPassword: broken,
  scramRecord: broken,
  verifyToken: broken,
  sharedSecret: broken,
};

/** A first message of each mechanism. */
const first: Readonly<Record<string, string>> = {
  PLAIN: `AUTH PLAIN ${plainly('ann', 'secret')}`,
  'SCRAM-SHA-256': `AUTH SCRAM-SHA-256 ${base64('n,,n=ann,r=abc')}`,
  OAUTHBEARER: `AUTH OAUTHBEARER ${base64('n,,\x01auth=Bearer abc\x01\x01')}`,
  XOAUTH2: `AUTH XOAUTH2 ${base64('user=ann\x01auth=Bearer abc\x01\x01')}`,
};

describe.each(ways)('a directory $name', ({ open }) => {
  it.each(Object.keys(first))(
    'that fails is a temporary failure, after which the next command works: %s',
    async (name) => {
      const { server, log, delays } = house({ directory });
      const client = await open(server);
      await client.hello();
      expect(await client.command(first[name] ?? '')).toMatchObject({
        code: 454,
        enhanced: '4.7.0',
        text: '4.7.0 Temporary authentication failure',
      });
      expect(await client.command('WHO')).toMatchObject({ text: 'nobody' });
      expect(delays).toEqual([]);
      expect(log.records.filter(({ level }) => level === 'error')).toMatchObject([
        { fields: { mechanism: name, err: { message: 'LDAP is down' } } },
      ]);
    },
  );

  it('that doesn’t answer is a temporary failure too', async () => {
    let asked: (() => void) | undefined;
    const called = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const hanging: UserDirectory = {
      verifyPassword: (_user, _password, signal) =>
        new Promise((_resolve, reject) => {
          asked?.();
          signal.addEventListener('abort', () => reject(new Error('gave up on ann with secret')));
        }),
    };
    const { server, clock, log } = house({ directory: hanging });
    const client = await open(server);
    await client.hello();
    const reply = client.command(`AUTH PLAIN ${plainly('ann', 'secret')}`);
    await called;
    await clock.advance(31_000);
    expect(await reply).toMatchObject({ code: 454, enhanced: '4.7.0' });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
    expect(log.records.map(({ message }) => message)).not.toContain('gave up on ann with secret');
  });

  it('that is of no use to a mechanism leaves it unoffered', async () => {
    const mechanisms = [everyday(), cramMd5()].flat();
    const offers = async (of: UserDirectory): Promise<string | undefined> => {
      const client = await open(house({ directory: of, mechanisms }).server);
      return /AUTH .*/.exec((await client.hello()).text)?.[0];
    };
    expect(await offers({})).toBeUndefined();
    expect(await offers({ verifyPassword: broken })).toBe('AUTH PLAIN LOGIN');
    expect(await offers({ scramRecord: broken, scramHashes: ['SHA-256'] })).toBe('AUTH SCRAM-SHA-256');
    expect(await offers({ scramRecord: broken })).toBe('AUTH SCRAM-SHA-256 SCRAM-SHA-1');
    expect(await offers({ verifyToken: broken })).toBe('AUTH OAUTHBEARER XOAUTH2');
    expect(await offers({ sharedSecret: broken })).toBe('AUTH CRAM-MD5');
    expect(await offers(await memoryDirectory([{ name: 'ann', password: 'x' }], { cost: cheap }))).toBe(
      'AUTH SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN',
    );
  });

  it('may have an answer of its own', async () => {
    const changing: UserDirectory = {
      verifyPassword: async () => {
        throw new SmtpError(replies.of(432, '4.7.12', 'A password transition is needed'));
      },
    };
    const { server, log } = house({ directory: changing });
    const client = await open(server);
    await client.hello();
    expect(await client.command(`AUTH PLAIN ${plainly('ann', 'x')}`)).toMatchObject({ code: 432, enhanced: '4.7.12' });
    expect(log.records.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it.each([true, false, null, 0, 1, '', {}, []])('that says %j names nobody', async (said) => {
    const client = await open(house({ directory: { verifyPassword: async () => said as string } }).server);
    await client.hello();
    expect(await client.command(`AUTH PLAIN ${plainly('ann', 'x')}`)).toMatchObject({ code: 535 });
    expect(await client.command('WHO')).toMatchObject({ text: 'nobody' });
  });

  it('says by what name it knows the user', async () => {
    const canonical: UserDirectory = { verifyPassword: async (user) => `${user.toLowerCase()}@example.org` };
    const client = await open(house({ directory: canonical }).server);
    await client.hello();
    await client.command(`AUTH PLAIN ${plainly('Ann', 'x', 'Ann')}`);
    expect(await client.command('WHO')).toMatchObject({ text: 'ann@example.org by PLAIN' });
  });

  it('gets names and passwords prepared, and not at all when they can’t be', async () => {
    const asked: string[] = [];
    const noting: UserDirectory = {
      verifyPassword: async (user, password) => {
        asked.push(user, password);
        return undefined;
      },
    };
    const client = await open(house({ directory: noting }).server);
    await client.hello();
    const refused = await client.command(`AUTH PLAIN ${plainly('a\u00adnn', 'Ju\u0308rgen')}`);
    expect(asked).toEqual(['ann', 'J\u00fcrgen']);
    expect((await client.command(`AUTH PLAIN ${plainly('ann', 'a\x07')}`)).raw).toBe(refused.raw);
    expect((await client.command(`AUTH PLAIN ${plainly('\u00ad', 'x')}`)).raw).toBe(refused.raw);
    expect(asked).toHaveLength(2);
  });
});

describe('a directory', () => {
  it('has to be brought by somebody', async () => {
    await expect(createServer({ hostname: 'mx.example.org' }).use(auth()).start()).rejects.toThrow(
      'auth needs user directory, which nothing provides',
    );
    const brought = createServer({ hostname: 'mx.example.org' }).use(auth()).override(UserDirectory, users);
    await brought.start();
    expect(brought.describe().keywords.tls.join()).toContain('PLAIN');
    await brought.close();
  });
});
