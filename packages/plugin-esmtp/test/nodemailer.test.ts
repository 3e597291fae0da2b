import { Internationalized } from '@maitred/core';
import type { Server } from '@maitred/core';
import { createTransport } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import { BodyType, DeclaredSize, esmtp } from '../src/index.ts';
import { receiver } from './receiver.ts';

async function transport(server: Server): Promise<ReturnType<typeof createTransport>> {
  const [bound] = await server.listen({ host: '127.0.0.1', port: 0 });
  return createTransport({ host: '127.0.0.1', port: bound?.port, ignoreTLS: true, name: 'client.example' });
}

const text = 'Größe und Grüße. '.repeat(20);

describe('nodemailer', () => {
  it('sends a mail with SIZE, BODY=8BITMIME and SMTPUTF8, pipelined', async () => {
    const seen: unknown[] = [];
    const ahead: string[] = [];
    await using r = receiver(esmtp());
    r.server
      .on('mail', (ctx, next) => {
        seen.push(ctx.sender.mailbox, ctx.get(DeclaredSize), ctx.get(BodyType), ctx.get(Internationalized));
        return next();
      })
      .on('command', (ctx, next) => {
        ahead.push(`${ctx.command.verb} ${ctx.command.ahead}`);
        return next();
      });
    const mailer = await transport(r.server);
    const sent = await mailer.sendMail({
      envelope: {
        from: 'jörg@client.example',
        to: ['用户@server.example', 'b@server.example'],
        size: 4321,
        use8BitMime: true,
      },
      raw: `From: Jörg <jörg@client.example>\r\nSubject: Grüße\r\n\r\n${text}\r\n`,
    });
    expect(sent).toMatchObject({ accepted: ['用户@server.example', 'b@server.example'], rejected: [] });
    expect(sent.response).toMatch(/^250 2\.0\.0 /);
    expect(seen).toEqual(['jörg@client.example', 4321, '8BITMIME', true]);
    expect(ahead).toEqual(expect.arrayContaining(['MAIL no', 'RCPT in-group', 'DATA in-group']));
    expect(r.kept).toEqual([expect.stringContaining(`Subject: Grüße\r\n\r\n${text}\r\n`)]);
    mailer.close();
  });

  it('believes the largest size that it was offered', async () => {
    await using r = receiver(esmtp({ size: { maximum: 1000 } }));
    const mailer = await transport(r.server);
    const sending = mailer.sendMail({
      envelope: { from: 'a@client.example', to: 'b@server.example', size: 1001 },
      text,
    });
    await expect(sending).rejects.toThrow('larger than allowed 1000');
    mailer.close();
  });

  it('hears at the end of data that what it sent is too large', async () => {
    await using r = receiver(esmtp({ size: { maximum: 1000 } }));
    const mailer = await transport(r.server);
    const sending = mailer.sendMail({ from: 'a@client.example', to: 'b@server.example', text: text.repeat(10) });
    await expect(sending).rejects.toMatchObject({ responseCode: 552, response: expect.stringContaining('5.3.4') });
    expect(r.kept).toEqual([]);
    mailer.close();
  });
});
