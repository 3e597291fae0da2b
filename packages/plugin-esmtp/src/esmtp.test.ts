import { before, definePlugin, without } from '@maitred/core';
import { ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { receiver } from '../test/receiver.ts';
import { esmtp } from './esmtp.ts';

const told = 'LIMITS MAILMAX=100 RCPTMAX=1000';

describe.each(ways)('the everyday extensions, $name', ({ open }) => {
  it('are offered together, in order', async () => {
    await using r = receiver(esmtp({ size: { maximum: 1000 } }));
    const client = await open(r.server);
    expect(await client.hello()).toMatchObject({
      lines: ['mx.example', 'SIZE 1000', 'PIPELINING', '8BITMIME', 'ENHANCEDSTATUSCODES', 'SMTPUTF8', told],
    });
  });

  it('carry a mail with all their parameters, in any order', async () => {
    await using r = receiver(esmtp());
    const client = await open(r.server);
    await client.hello();
    for (const parameters of ['SIZE=100 BODY=8BITMIME SMTPUTF8', 'smtputf8 body=8bitmime size=100']) {
      const last = await client.mail({ from: 'jörg@grüße.example', to: 'b@例子.example', parameters });
      expect(last).toMatchObject({ code: 250, enhanced: '2.0.0' });
    }
    expect(r.kept).toHaveLength(2);
  });

  it('refuse the whole command for one bad parameter', async () => {
    await using r = receiver(esmtp());
    const client = await open(r.server);
    await client.hello();
    const bad = await client.command('MAIL FROM:<a@client.example> BODY=8BITMIME SIZE=x SMTPUTF8');
    expect(bad).toMatchObject({ code: 501, enhanced: '5.5.4' });
    expect(await client.command('RCPT TO:<b@server.example>')).toMatchObject({ code: 503, enhanced: '5.5.1' });
  });

  it('answer what is too large with a code on the line', async () => {
    await using r = receiver(esmtp({ size: { maximum: 1000 } }));
    const client = await open(r.server);
    await client.hello();
    expect(await client.mail({ content: 'x'.repeat(1001) })).toMatchObject({ code: 552, enhanced: '5.3.4' });
  });
});

describe('esmtp', () => {
  it('is a plain list, to take from and add to', () => {
    const extra = definePlugin({ name: 'extra' });
    const list = before(without(esmtp(), 'pipelining'), '8bitmime', extra);
    expect(list.map(({ name }) => name)).toEqual([
      'size',
      'extra',
      '8bitmime',
      'enhanced-status-codes',
      'smtputf8',
      'limits',
    ]);
  });

  it('shows in describe() what each brings', async () => {
    await using r = receiver(esmtp());
    const { keywords, parameters, stages } = r.server.describe();
    expect(keywords.plain).toEqual([
      'SIZE 26214400',
      'PIPELINING',
      '8BITMIME',
      'ENHANCEDSTATUSCODES',
      'SMTPUTF8',
      told,
    ]);
    expect(keywords.tls).toEqual(keywords.plain);
    expect(parameters).toEqual({ MAIL: { SIZE: 'size', BODY: '8bitmime', SMTPUTF8: 'smtputf8' }, RCPT: {} });
    expect(stages).toMatchObject({ command: ['pipelining', 'smtputf8'], mail: ['size'], body: ['size'] });
  });
});
