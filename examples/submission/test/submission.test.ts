import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { ann, house, implicit, plain } from './house.ts';
import { next } from './next.ts';
import { submit, type Port } from './submit.ts';

const ports: readonly Port[] = ['587, STARTTLS', '465, implicit TLS'];

describe.each(ports)('nodemailer, by %s', (port) => {
  it('submits for anybody as who it is', async () => {
    await using to = await next();
    await using it = house({ port: to.port });
    const text = '.\r\n..\r\n.dots\r\n';
    expect(await submit(it.server, { text }, { port })).toMatch(/^250 2\.0\.0 Handed on as /);
    expect(to.taken).toEqual([
      {
        from: 'ann@example.org',
        asked: {},
        to: { 'eve@elsewhere.example': {} },
        content: expect.stringMatching(
          /^Received: [^]*with ESMTPSA id [^]*\r\nSubject: hello\r\n[^]*\r\n\r\n\.\r\n\.\.\r\n\.dots/,
        ),
      },
    ]);
  });

  it('is refused with a wrong password', async () => {
    await using it = house({});
    const sending = submit(it.server, {}, { port, auth: { ...ann, pass: 'guess' } });
    await expect(sending).rejects.toMatchObject({ code: 'EAUTH', responseCode: 535 });
  });

  it('is refused without a password', async () => {
    await using it = house({});
    const sending = submit(it.server, {}, { port, auth: undefined });
    await expect(sending).rejects.toMatchObject({ responseCode: 530, response: '530 5.7.0 Authentication required' });
  });

  it('is refused as somebody else', async () => {
    await using to = await next();
    await using it = house({ port: to.port });
    const foreign = submit(it.server, { from: 'bob@example.org' }, { port });
    await expect(foreign).rejects.toMatchObject({ responseCode: 553, response: expect.stringContaining('5.7.1') });
    expect(to.taken).toEqual([]);
  });

  it('is refused what is too large', async () => {
    await using it = house({});
    const large = submit(it.server, { text: 'x'.repeat(10_000_001) }, { port });
    await expect(large).rejects.toMatchObject({ responseCode: 552 });
  });
});

describe.each(ways)('a stranger, $name', ({ open }) => {
  it('relays nothing: it gets as far as 530', async () => {
    await using it = house({});
    const client = await open(it.server);
    await script(
      client,
      `
      S: 220
      C: MAIL FROM:<ann@example.org>
      S: 530 /STARTTLS/
      C: EHLO client.example
      S: 250
      C: MAIL FROM:<ann@example.org>
      S: 530
      C: RCPT TO:<eve@elsewhere.example>
      S: 530
      C: DATA
      S: 530
      C: VRFY ann
      S: 530
      C: AUTH PLAIN ${plain}
      S: 530
      C: STARTTLS
      S: 220
      `,
    );
    await client.secure();
    await script(
      client,
      `
      C: EHLO client.example
      S: 250
      C: MAIL FROM:<ann@example.org>
      S: 530 5.7.0 Authentication required
      C: RCPT TO:<eve@elsewhere.example>
      S: 530
      C: MAIL FROM:<>
      S: 530
      `,
    );
    const secure = await open(it.server, { tls: implicit() });
    await secure.hello();
    expect(await secure.command('MAIL FROM:<ann@example.org>')).toMatchObject({ code: 530 });
  });
});
