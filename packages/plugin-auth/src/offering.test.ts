import { ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { certificate, house, plainly } from '../test/house.ts';
import { auth } from './auth.ts';
import { memoryDirectory } from './directory/memory-directory.ts';
import { everyday } from './mechanisms/everyday.ts';
import { plain } from './mechanisms/plain.ts';

const good = plainly('ann', 'secret');

describe.each(ways)('AUTH without TLS $name', ({ open }) => {
  it('is neither offered nor possible', async () => {
    const { server, log } = house({ withoutTls: false });
    const client = await open(server);
    expect((await client.hello()).text).toBe('mx.example.org');
    expect(await client.command(`AUTH PLAIN ${good}`)).toMatchObject({ code: 504, enhanced: '5.5.4' });
    expect(await client.command('WHO')).toMatchObject({ text: 'nobody' });
    expect(log.records).toEqual([]);
  });

  it('is warned about where it is allowed', async () => {
    const { server, log } = house({ withoutTls: ({ remote }) => remote.address === '127.0.0.1' });
    const near = await open(server);
    expect((await near.hello()).text).toContain('AUTH SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN');
    const far = await open(server, { remote: { address: '192.0.2.1', port: 1 } });
    expect((await far.hello()).text).not.toContain('AUTH');
    expect(log.records).toMatchObject([
      { level: 'warn', message: 'auth is offered without TLS: passwords can be read on their way' },
    ]);
  });
});

describe('what describe() lists', () => {
  it.each(ways)('is what EHLO says, in plaintext, over TLS and authenticated: $name', async ({ open }) => {
    for (const withoutTls of [false, true]) {
      const { server } = house({ withoutTls });
      const { keywords, parameters, verbs } = server.describe();
      const plain = await open(server);
      expect((await plain.hello()).lines.slice(1)).toEqual(keywords.plain);
      const tls = await open(server, { tls: certificate });
      expect((await tls.hello()).lines.slice(1)).toEqual(keywords.tls);
      expect(keywords.tls).toContain('AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-1 PLAIN LOGIN');
      await tls.command(`AUTH PLAIN ${good}`);
      expect((await tls.command('EHLO client.example')).lines.slice(1)).toEqual(keywords.authenticated);
      expect(keywords.authenticated.join()).not.toContain('AUTH');
      expect(parameters.MAIL).toMatchObject({ AUTH: 'auth' });
      expect(verbs).toMatchObject({ AUTH: 'auth' });
    }
  });
});

describe('auth()', () => {
  it('throws for what it can’t work with', () => {
    expect(() => auth({ attempts: 2 })).toThrow(
      new RangeError('a client has at least 3 attempts to authenticate, not 2'),
    );
    expect(() => auth({ attempts: Number.NaN })).toThrow(RangeError);
    expect(() => auth({ mechanisms: [plain(), [plain()]] })).toThrow('the mechanism PLAIN is there twice');
    expect(() => auth({ mechanisms: [{ ...plain(), name: 'plain' }] })).toThrow('"plain" is no name of a mechanism');
  });

  it.each(['mechanism', 'attempt'])('refuses an option that there is not: %s', (name) => {
    expect(() => auth({ [name]: [plain()] })).toThrow(new TypeError(`auth has no option ${name}`));
  });

  it('refuses a directory that is still a promise', () => {
    const options: object = { directory: memoryDirectory([]) };
    expect(() => auth(options)).toThrow(new TypeError('directory is a promise: await memoryDirectory(…)'));
  });

  it('has every mechanism but CRAM-MD5 when nothing is said', () => {
    expect(everyday().map(({ name }) => name)).toEqual([
      'EXTERNAL',
      'SCRAM-SHA-256-PLUS',
      'SCRAM-SHA-256',
      'SCRAM-SHA-1-PLUS',
      'SCRAM-SHA-1',
      'OAUTHBEARER',
      'XOAUTH2',
      'PLAIN',
      'LOGIN',
    ]);
  });
});
