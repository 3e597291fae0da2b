import { describe, expect, it } from 'vitest';
import { readSettings } from '../src/settings.ts';

const SMARTHOST = 'smtp://relay.example';

describe('settings', () => {
  it('need a smarthost only', () => {
    expect(readSettings({ SMARTHOST })).toEqual({
      host: '127.0.0.1',
      port: 587,
      tlsPort: 465,
      hostname: 'localhost',
      maximum: 26_214_400,
      cert: 'cert.pem',
      key: 'key.pem',
      users: 'users.json',
      next: { host: 'relay.example', port: 587, secure: false },
    });
  });

  it.each([
    ['smtp://relay.example:25', { host: 'relay.example', port: 25, secure: false }],
    ['smtps://relay.example', { host: 'relay.example', port: 465, secure: true }],
    ['smtp://[::1]:25', { host: '::1', port: 25, secure: false }],
    [
      'smtps://ann%40example.org:p%3Ass@relay.example',
      { host: 'relay.example', port: 465, secure: true, auth: { user: 'ann@example.org', pass: 'p:ss' } },
    ],
  ])('have a smarthost at %s', (url, next) => {
    expect(readSettings({ SMARTHOST: url }).next).toEqual(next);
  });

  it.each([
    [{}, 'SMARTHOST is not set'],
    [{ SMARTHOST: 'relay.example' }, 'SMARTHOST is smtp://'],
    [{ SMARTHOST: 'http://a:secret@b' }, /^SMARTHOST is (?!.*secret)/],
    [{ SMARTHOST, PORT: '587x' }, 'PORT is a number up to 65535, not 587x'],
    [{ SMARTHOST, TLS_PORT: '65536' }, 'TLS_PORT is a number'],
    [{ SMARTHOST, HOST: '' }, 'HOST is not set'],
  ])('are refused: %j', (env, message) => {
    expect(() => readSettings(env)).toThrow(message);
  });
});
