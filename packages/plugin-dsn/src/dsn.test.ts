import { script, ways, type Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { receiver } from '../test/receiver.ts';
import { parseReturnContent } from './dsn.ts';
import { EnvelopeId, Notify, OriginalRecipient, ReturnContent } from './keys.ts';

const mail = 'MAIL FROM:<ann@client.example>';
const rcpt = 'RCPT TO:<bob@server.example>';

/** The next command works: the transaction is what it would have been without the refused line. */
async function refuses(client: Client, line: string, code: number, text: RegExp): Promise<void> {
  expect(await client.command(line)).toMatchObject({ code, text: expect.stringMatching(text) });
  expect(await client.command(line.startsWith('MAIL') ? mail : rcpt)).toMatchObject({ code: 250 });
}

describe('RET', () => {
  it.each([
    ['FULL', 'FULL'],
    ['hdrs', 'HDRS'],
    ['fuLL', 'FULL'],
  ])('%s is %s', (value, content) => {
    expect(parseReturnContent(value)).toBe(content);
  });

  it.each([undefined, '', 'HEADERS', 'FULL,HDRS', 'FULL ', '+46ULL', 'HDRſ'])('refuses %j', (value) => {
    expect(parseReturnContent(value)).toBeUndefined();
  });
});

describe.each(ways)('DSN, $name', ({ open }) => {
  it('is offered without arguments', async () => {
    await using r = receiver();
    const client = await open(r.server);
    expect((await client.hello()).lines).toContain('DSN');
  });

  it('keeps what is asked for, typed, on the transaction and on the recipient', async () => {
    const seen: unknown[] = [];
    await using r = receiver();
    r.server
      .on('mail', (ctx, next) => {
        seen.push(ctx.get(ReturnContent), ctx.get(EnvelopeId));
        return next();
      })
      .on('rcpt', (ctx, next) => {
        seen.push(ctx.get(Notify), ctx.get(OriginalRecipient));
        return next();
      });
    const client = await open(r.server);
    await client.hello();
    await client.command(`${mail} RET=HDRS ENVID=QQ+2B1`);
    await client.command(`${rcpt} NOTIFY=Success,DELAY ORCPT=rfc822;Bob+40Server.example`);
    await client.command(rcpt);
    expect(seen).toEqual([
      'HDRS',
      { value: 'QQ+1', encoded: 'QQ+2B1' },
      ['SUCCESS', 'DELAY'],
      { type: 'rfc822', address: 'Bob@Server.example', encoded: 'rfc822;Bob+40Server.example' },
      undefined,
      undefined,
    ]);
  });

  it('forgets it with its transaction', async () => {
    await using r = receiver();
    const client = await open(r.server);
    await client.hello();
    await client.command(`${mail} RET=FULL ENVID=1`);
    await client.command('RSET');
    await client.mail();
    expect(r.asked).toEqual([{ mail: [], rcpt: [[]] }]);
  });

  it('goes with its own recipient through to the sink', async () => {
    await using r = receiver();
    const client = await open(r.server);
    await client.hello();
    await script(
      client,
      `
      C: ${mail} ENVID=QQ314159 RET=FULL
      S: 250
      C: ${rcpt} ORCPT=rfc822;bob@server.example NOTIFY=NEVER
      S: 250
      C: RCPT TO:<eve@server.example>
      S: 250
      C: RCPT TO:<dan@server.example> NOTIFY=FAILURE
      S: 250
      C: DATA
      S: 354
      C: .
      S: 250
      `,
    );
    expect(r.asked).toEqual([
      {
        mail: ['RET=FULL', 'ENVID=QQ314159'],
        rcpt: [['NOTIFY=NEVER', 'ORCPT=rfc822;bob@server.example'], [], ['NOTIFY=FAILURE']],
      },
    ]);
  });

  it.each([
    ['RET', /RET/],
    ['RET=HEADERS', /RET/],
    ['RET=FULL RET=FULL', /twice/],
    ['RET=FULL ret=HDRS', /twice/],
    ['ENVID', /ENVID/],
    ['ENVID=', /Syntax/],
    ['ENVID=a=b', /Syntax/],
    ['ENVID=a+', /ENVID/],
    ['ENVID=a+0D+0AQUIT', /ENVID/],
    ['ENVID=a+00', /ENVID/],
    ['ENVID=é', /ENVID/],
    [`ENVID=${'a'.repeat(101)}`, /ENVID/],
    ['ENVID=a ENVID=a', /twice/],
  ])('answers 501 to MAIL with %j', async (parameters, text) => {
    await using r = receiver();
    const client = await open(r.server);
    await client.hello();
    await refuses(client, `${mail} ${parameters}`, 501, text);
  });

  it.each([
    ['NOTIFY', /NOTIFY/],
    ['NOTIFY=', /Syntax/],
    ['NOTIFY=NEVER,DELAY', /NOTIFY/],
    ['NOTIFY=DELAY,DELAY', /NOTIFY/],
    ['NOTIFY=DELAY NOTIFY=DELAY', /twice/],
    ['NOTIFY=ALWAYS', /NOTIFY/],
    ['ORCPT', /ORCPT/],
    ['ORCPT=bob@server.example', /ORCPT/],
    ['ORCPT=rfc822;', /ORCPT/],
    ['ORCPT=rfc822;a+0D+0ADATA', /ORCPT/],
    ['ORCPT=rfc822;a ORCPT=rfc822;a', /twice/],
    [`ORCPT=rfc822;${'a'.repeat(494)}`, /ORCPT/],
    ['ORCPT=utf-8;a\\x{0A}b', /ORCPT/],
    ['ORCPT=utf-8;jörg@server.example', /SMTPUTF8/],
  ])('answers 501 to RCPT with %j', async (parameters, text) => {
    await using r = receiver();
    const client = await open(r.server);
    await client.hello();
    await client.command(mail);
    await refuses(client, `${rcpt} ${parameters}`, 501, text);
  });

  it('answers 500 to a NUL', async () => {
    await using r = receiver();
    const client = await open(r.server);
    await client.hello();
    await refuses(client, `${mail} ENVID=a\0`, 500, /Syntax/);
    await refuses(client, `${rcpt} ORCPT=rfc822;\0`, 500, /Syntax/);
  });

  it('answers 555 to a parameter of the other command, and to a client that said HELO', async () => {
    await using r = receiver();
    const client = await open(r.server);
    await client.hello();
    await refuses(client, `${mail} NOTIFY=NEVER`, 555, /NOTIFY/);
    await refuses(client, `${rcpt} RET=FULL`, 555, /RET/);
    await client.command('HELO client.example');
    await refuses(client, `${mail} RET=FULL`, 555, /RET/);
  });

  it('takes the longest of each, all at once', async () => {
    await using r = receiver();
    const client = await open(r.server);
    await client.hello();
    const domain = `${'b.'.repeat(94)}c`;
    const local = 'a'.repeat(64);
    const envid = `ENVID=${'+41'.repeat(33)}A`;
    expect(await client.command(`MAIL FROM:<${local}@${domain}> RET=FULL ${envid}`)).toMatchObject({ code: 250 });
    const orcpt = `ORCPT=rfc822;${'+41'.repeat(164)}A`;
    const notify = 'NOTIFY=SUCCESS,FAILURE,DELAY';
    expect(await client.command(`RCPT TO:<${local}@${domain}> ${notify} ${orcpt}`)).toMatchObject({ code: 250 });
  });

  it('takes an address beyond ASCII in ASCII from anybody, in UTF-8 after SMTPUTF8', async () => {
    await using r = receiver();
    const client = await open(r.server);
    await client.hello();
    await script(
      client,
      `
      C: ${mail} SMTPUTF8
      S: 250
      C: ${rcpt} ORCPT=utf-8;j\\x{F6}rg@x.example
      S: 250
      C: ${rcpt} ORCPT=utf-8;jörg@x.example
      S: 250
      C: DATA
      S: 354
      C: .
      S: 250
      C: ${mail}
      S: 250
      C: ${rcpt} ORCPT=utf-8;j\\x{F6}rg@x.example
      S: 250
      C: ${rcpt} ORCPT=utf-8;jörg@x.example
      S: 501
      `,
    );
    expect(r.asked[0]?.rcpt).toEqual([['ORCPT=utf-8;j\\x{F6}rg@x.example'], ['ORCPT=utf-8;jörg@x.example']]);
  });
});
