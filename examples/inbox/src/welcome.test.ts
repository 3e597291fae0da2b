import { describe, expect, it } from 'vitest';
import { welcome } from './welcome.ts';

describe('the welcome', () => {
  it.each([
    ['0.0.0.0', '0.0.0.0:25', '127.0.0.1:25', '127.0.0.1'],
    ['::', '[::]:25', '[::1]:25', '::1'],
    ['192.0.2.1', '192.0.2.1:25', '192.0.2.1:25', '192.0.2.1'],
    ['::1', '[::1]:25', '[::1]:25', '::1'],
  ])('shows commands that reach a server on %s', (address, listening, at, host) => {
    const text = welcome({ address, port: 25 }, undefined, '/srv/mail');
    expect(text).toContain(`listening on ${listening}, STARTTLS`);
    expect(text).toContain(`swaks --server ${at} `);
    expect(text).toContain(`curl --url smtp://${at} `);
    expect(text).toContain(`host:'${host}'`);
  });
});
