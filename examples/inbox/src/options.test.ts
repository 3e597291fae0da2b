import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';

describe('the options of the inbox', () => {
  it('have defaults', () => {
    expect(readOptions([], {})).toEqual({
      host: '127.0.0.1',
      port: 2525,
      tlsPort: undefined,
      hostname: 'localhost',
      maildir: 'inbox',
      maximum: 104_857_600,
      cert: undefined,
      key: undefined,
    });
  });

  it('come from the environment, and first from flags', () => {
    const env = { MAITRED_PORT: '25', MAITRED_TLS_PORT: '465', MAITRED_MAILDIR: '/srv/mail' };
    expect(readOptions(['--port', '26'], env)).toMatchObject({ port: 26, tlsPort: 465, maildir: '/srv/mail' });
  });

  it.each([
    [['--port', '70000'], '--port 70000: a number up to 65535'],
    [['--port', 'x'], '--port x: a number up to 65535'],
    [['--maximum', '-1'], "'--maximum' argument is ambiguous"],
    [['--cert', 'a.pem'], '--cert and --key go together'],
    [['--relay'], /^Unknown option '--relay'\nsee --help$/],
    [['--maximum', '10MB'], '--maximum 10MB: octets, a whole number'],
  ])('name what is wrong in %j', (args, message) => {
    expect(() => readOptions(args, {})).toThrow(message);
  });

  it('give help', () => {
    expect(readOptions(['--help'], {})).toBe('help');
  });
});
