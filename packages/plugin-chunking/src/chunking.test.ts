import { createServer, replies, type Plugin } from '@maitred/core';
import { eightBitMime } from '@maitred/plugin-esmtp';
import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { bdat, greeted, ready, receiver } from '../test/receiver.ts';
import { chunking } from './chunking.ts';

const mail = 'MAIL FROM:<a@client.example>';
const rcpt = 'RCPT TO:<b@server.example>';

describe.each(ways)('CHUNKING, $name', (way) => {
  it('is offered, and BINARYMIME with it', async () => {
    await using rig = receiver();
    const client = await way.open(rig.server);
    const { lines } = await client.hello();
    expect(lines).toEqual(expect.arrayContaining(['CHUNKING', 'BINARYMIME', '8BITMIME']));
  });

  it('takes a message in one chunk', async () => {
    await using rig = receiver();
    const client = await ready(way, rig);
    client.send(bdat('Subject: x\r\n\r\nText\r\n', 'LAST'));
    expect(await client.reply()).toMatchObject({
      code: 250,
      enhanced: '2.0.0',
      text: expect.stringMatching(/Kept as/),
    });
    expect(rig.kept).toEqual([
      { from: 'a@client.example', to: ['b@server.example'], content: 'Subject: x\r\n\r\nText\r\n' },
    ]);
  });

  it('takes a message in many, and says how much of each came', async () => {
    await using rig = receiver();
    const client = await ready(way, rig);
    for (const chunk of ['Subj', '', 'ect: x\r', '\n\r\nText\r\n']) {
      client.send(bdat(chunk));
      expect(await client.reply()).toMatchObject({ code: 250, text: `2.0.0 ${chunk.length} octets received` });
    }
    await script(client, 'C: BDAT 0 LAST\nS: 250');
    expect(rig.kept).toMatchObject([{ content: 'Subject: x\r\n\r\nText\r\n' }]);
  });

  it('takes an empty message', async () => {
    await using rig = receiver();
    await script(await ready(way, rig), 'C: BDAT 0 LAST\nS: 250');
    expect(rig.kept).toMatchObject([{ content: '' }]);
  });

  it('takes the octets of a chunk as they are: no dots, lines or commands in them', async () => {
    await using rig = receiver();
    const client = await ready(way, rig);
    const content = 'Subject: x\r\n\r\n.\r\n..\r\nQUIT\r\n\0\x85\xff\r\nRSET\r\nBDAT 3 LAST\r\n.';
    client.send(bdat(content.slice(0, 15)));
    client.send(bdat(content.slice(15), 'LAST'));
    expect([(await client.reply()).code, (await client.reply()).code]).toEqual([250, 250]);
    expect(rig.kept).toMatchObject([{ content }]);
  });

  it('answers the chunks of a pipeline in order, and what came behind them', async () => {
    await using rig = receiver();
    const client = await greeted(way, rig);
    const group = [`${mail}\r\n`, `${rcpt}\r\n`, bdat('QUIT\r\n'), bdat('x\r\n'), bdat('y\r\n', 'LAST'), 'NOOP\r\n'];
    client.send(Buffer.concat(group.map((part) => Buffer.from(part))));
    await script(
      client,
      `S: 250
       S: 250
       S: 250 2.0.0 6 octets received
       S: 250 2.0.0 3 octets received
       S: 250 /Kept as/
       S: 250 2.0.0 OK`,
    );
    expect(rig.kept).toMatchObject([{ content: 'QUIT\r\nx\r\ny\r\n' }]);
  });

  it('takes DATA for one message and BDAT for the next', async () => {
    await using rig = receiver();
    const client = await ready(way, rig);
    await script(
      client,
      `C: DATA
       S: 354
       C: one
       C: .
       S: 250
       C: ${mail}
       S: 250
       C: ${rcpt}
       S: 250
       C: BDAT 5 LAST
       C: two
       S: 250
       C: ${mail}
       S: 250
       C: ${rcpt}
       S: 250
       C: DATA
       S: 354
       C: three
       C: .
       S: 250`,
    );
    expect(rig.kept.map(({ content }) => content)).toEqual(['one\r\n', 'two\r\n', 'three\r\n']);
  });

  it('is no idle command, however many chunks a message has', async () => {
    await using rig = receiver([], { limits: { idleCommands: 3 } });
    const client = await ready(way, rig);
    for (let chunk = 0; chunk < 10; chunk++) await script(client, 'C: BDAT 2\nC: \nS: 250');
    await script(client, 'C: BDAT 0 LAST\nS: 250');
  });

  it('starts alone when BINARYMIME is left out', async () => {
    const server = createServer({ hostname: 'mx.example' }).use(chunking({ binaryMime: false }));
    const client = await way.open(server);
    expect((await client.hello()).lines).toEqual(['mx.example', 'CHUNKING']);
    await script(client, `C: ${mail} BODY=BINARYMIME\nS: 555`);
    await server.close({ deadline: 0 });
  });

  it('tells handlers how content comes before it does, and nothing of it after', async () => {
    const seen: unknown[] = [];
    await using rig = receiver();
    rig.server
      .on('data', (ctx, next) => {
        seen.push(ctx.via);
        return next();
      })
      .on('message', async (message, next) => {
        seen.push((await message.content.header.fields()).map(({ name, value }) => `${name}=${value}`));
        seen.push(message.content.size);
        return next();
      });
    const client = await ready(way, rig);
    client.send(bdat('Sub'));
    client.send(bdat('ject: x\r\n\r\n', 'LAST'));
    await script(client, 'S: 250\nS: 250');
    expect(await client.mail({ content: 'Subject: x\r\n\r\n' })).toMatchObject({ code: 250 });
    expect(seen).toEqual(['chunks', ['Subject=x'], 14, 'data', ['Subject=x'], 14]);
  });
});

describe.each(ways)('the order of BDAT and others, $name', (way) => {
  it('keeps MAIL, RCPT and DATA out until the message is whole', async () => {
    await using rig = receiver();
    const client = await ready(way, rig);
    await script(
      client,
      `C: BDAT 3
       C: x
       S: 250
       C: DATA
       S: 503
       C: MAIL FROM:<other@client.example>
       S: 503
       C: RCPT TO:<other@server.example>
       S: 503
       C: NOOP
       S: 250
       C: BDAT 3 LAST
       C: y
       S: 250`,
    );
    expect(rig.kept).toMatchObject([{ to: ['b@server.example'], content: 'x\r\ny\r\n' }]);
  });

  it.each([
    ['after DATA that was refused', `C: ${mail}\nS: 250\nC: ${rcpt}\nS: 250\nC: DATA\nS: 450`, 503],
    ['before a transaction', '', 503],
    ['before a recipient', `C: ${mail}\nS: 250`, 554],
    ['after recipients were refused', `C: ${mail}\nS: 250\nC: RCPT TO:<nobody@server.example>\nS: 550`, 554],
  ])('answers BDAT %s, its octets read, and drops the transaction', async (_, before, code) => {
    const noData: Plugin = {
      name: 'no data',
      stages: { data: async (ctx, next) => (ctx.via === 'data' ? replies.of(450, '4.7.1', 'Not so') : next()) },
    };
    await using rig = receiver(noData);
    const client = await greeted(way, rig);
    await script(
      client,
      `${before}\nC: BDAT 6 LAST\nC: QUIT\nC: NOOP\nS: ${code} /^5\\.5\\.1 /\nS: 250\nC: ${mail}\nS: 250`,
    );
    expect(rig.kept).toEqual([]);
  });

  it('answers a chunk behind the last one with 503', async () => {
    await using rig = receiver();
    const client = await ready(way, rig);
    client.send(Buffer.concat([bdat('x\r\n', 'LAST'), bdat('QUIT\r\n'), bdat('QUIT\r\n', 'LAST')]));
    await script(client, `S: 250\nS: 503\nS: 503\nC: ${mail}\nS: 250`);
    expect(rig.kept).toMatchObject([{ content: 'x\r\n' }]);
  });

  it.each([
    ['RSET', 250],
    ['EHLO client.example', 250],
    ['HELO client.example', 250],
    ['QUIT', 221],
  ])('drops the chunks at %s, and the body hears of it once', async (line, code) => {
    const told: string[] = [];
    await using rig = receiver();
    rig.server.on('body', () => ({
      write: (octets) => void told.push(octets.toString()),
      end: () => void told.push(' end'),
      abort: () => void told.push(' abort'),
    }));
    const client = await ready(way, rig);
    await script(client, `C: BDAT 3\nC: x\nS: 250\nC: ${line}\nS: ${code}`);
    if (line === 'QUIT') await client.closed();
    else await script(client, `C: ${mail}\nS: 250\nC: QUIT\nS: 221`);
    await rig[Symbol.asyncDispose]();
    expect(told.join('')).toBe('x\r\n abort');
    expect(rig.kept).toEqual([]);
  });
});

describe('chunking', () => {
  it('is described: its verb, keywords and parameter', () => {
    const { verbs, keywords, parameters } = createServer({ hostname: 'mx.example' })
      .use(eightBitMime(), chunking())
      .describe();
    expect(verbs).toMatchObject({ BDAT: 'chunking' });
    expect(keywords.plain).toEqual(['8BITMIME', 'CHUNKING', 'BINARYMIME']);
    expect(parameters.MAIL).toMatchObject({ 'BODY=BINARYMIME': 'chunking' });
  });

  it('does not start without 8BITMIME, and says what is missing', () => {
    const server = createServer({ hostname: 'mx.example' }).use(chunking());
    expect(() => server.describe()).toThrow(/chunking needs 8BITMIME body type/);
  });
});
