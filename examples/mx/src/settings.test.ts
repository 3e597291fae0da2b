import { describe, expect, it } from 'vitest';
import { readSettings } from './settings.ts';

describe('the settings of the MX', () => {
  it('are DOMAINS, and defaults', () => {
    expect(readSettings({ DOMAINS: 'Example.org, example.com' })).toEqual({
      host: '127.0.0.1',
      port: 25,
      hostname: 'localhost',
      domains: ['example.org', 'example.com'],
      maildir: 'mail',
      maximum: 26_214_400,
      cert: 'cert.pem',
      key: 'key.pem',
      proxies: [],
      trusted: [],
      sealers: [],
      resolvers: [],
    });
  });

  it('are lists with commas or spaces', () => {
    const env = {
      DOMAINS: 'a.example',
      PROXIES: '127.0.0.1,::1',
      TRUSTED: '10.0.0.0/8 ',
      SEALERS: 'lists.example b.example',
    };
    expect(readSettings(env)).toMatchObject({
      proxies: ['127.0.0.1', '::1'],
      trusted: ['10.0.0.0/8'],
      sealers: ['lists.example', 'b.example'],
    });
  });

  it('are domains as addresses are compared by', () => {
    expect(readSettings({ DOMAINS: 'Büro.example xn--bro-hoa.example' }).domains).toEqual([
      'xn--bro-hoa.example',
      'xn--bro-hoa.example',
    ]);
  });

  it.each([
    [{ DOMAINS: 'a.example @b.example' }, '@b.example in DOMAINS is no domain'],
    [{ DOMAINS: 'a.example.' }, 'a.example. in DOMAINS is no domain'],
    [{}, 'DOMAINS is not set'],
    [{ DOMAINS: 'a.example', PORT: '70000' }, 'PORT is a number up to 65535, not 70000'],
    [{ DOMAINS: 'a.example', MAXIMUM: 'much' }, 'MAXIMUM is a number up to 9007199254740991, not much'],
    [{ DOMAINS: 'a.example', CERT: '' }, 'CERT is not set'],
  ])('name what is wrong in %j', (env, message) => {
    expect(() => readSettings(env)).toThrow(new RangeError(message));
  });
});
