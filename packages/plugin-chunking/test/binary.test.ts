import { BodyType } from '@maitred/plugin-esmtp';
import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { bdat, greeted, ready, receiver } from './receiver.ts';

const mail = 'MAIL FROM:<a@client.example>';
const rcpt = 'RCPT TO:<b@server.example>';

describe.each(ways)('BINARYMIME, $name', (way) => {
  const octets = '\r\r\n\n.\n\0\r\n.\r\nQUIT\r\n\xff\n';

  it('lets any octets pass, and says so under the key of 8BITMIME', async () => {
    const seen: unknown[] = [];
    await using rig = receiver();
    rig.server.on('message', (message, next) => {
      seen.push(message.get(BodyType));
      return next();
    });
    const client = await ready(way, rig, ' BODY=BINARYMIME');
    client.send(bdat(octets.slice(0, 4)));
    client.send(bdat(octets.slice(4), 'LAST'));
    await script(client, 'S: 250\nS: 250');
    expect(rig.kept).toMatchObject([{ content: octets }]);
    expect(seen).toEqual(['BINARYMIME']);
  });

  it.each(['', ' BODY=8BITMIME', ' BODY=7BIT'])(
    'is not what MAIL%s announces: text has its line ends',
    async (body) => {
      await using rig = receiver();
      const client = await ready(way, rig, body);
      client.send(bdat(octets, 'LAST'));
      expect(await client.reply()).toMatchObject({ code: 554, enhanced: '5.6.0' });
      await script(client, `C: ${mail}\nS: 250`);
      expect(rig.kept).toEqual([]);
    },
  );

  it('is not needed where the server converts', async () => {
    await using rig = receiver([], { bareLineEndings: 'convert' });
    const client = await ready(way, rig);
    client.send(bdat('a\nb\r', 'LAST'));
    expect(await client.reply()).toMatchObject({ code: 250 });
    expect(rig.kept).toMatchObject([{ content: 'a\r\nb\r\n' }]);
  });

  it('forbids DATA, and BDAT after it', async () => {
    await using rig = receiver();
    const client = await ready(way, rig, ' BODY=binarymime');
    await script(client, `C: DATA\nS: 503 /^5\\.5\\.1 .*BDAT/\nC: BDAT 6\nC: QUIT\nS: 503\nC: RSET\nS: 250`);
    await script(client, `C: ${mail} BODY=BINARYMIME\nS: 250\nC: ${rcpt}\nS: 250\nC: BDAT 2 LAST\nC: \nS: 250`);
    expect(rig.kept).toHaveLength(1);
  });

  it.each([
    ['BODY=BINARYMIME BODY=BINARYMIME', 501],
    ['BODY=BINARYMIME BODY=8BITMIME', 501],
    ['BODY=BINARY', 501],
    ['BODY=BINARYMIME=', 501],
    ['BODY=', 501],
    ['BODY', 501],
    ['BINARYMIME', 555],
    ['BODY=BINARYMıME', 501],
    ['BODY=BINARYMIME\0', 500],
    [`BODY=BINARYMIME${'x'.repeat(3000)}`, 500],
  ])('has its parameter checked: %j gets %i, and begins no transaction', async (parameter, code) => {
    await using rig = receiver();
    const client = await greeted(way, rig);
    await script(client, `C: ${mail} ${parameter}\nS: ${code}\nC: ${rcpt}\nS: 503\nC: ${mail} BODY=BINARYMIME\nS: 250`);
  });

  it('lengthens the line of MAIL by 16 octets', async () => {
    await using rig = receiver([], { limits: { commandLine: 100 } });
    const client = await greeted(way, rig);
    const line = `${mail} BODY=BINARYMIME`;
    // 512 and the 17 of 8BITMIME (RFC 5321 4.5.3.1.4, RFC 6152 2), all with CRLF.
    await script(client, `C: ${line.padEnd(512 + 17 + 16 - 2)}\nS: 250\nC: RSET\nS: 250`);
    await script(client, `C: ${line.padEnd(512 + 17 + 16 - 1)}\nS: 500`);
  });

  it('is 555 to who said HELO', async () => {
    await using rig = receiver();
    const client = await way.open(rig.server);
    await script(client, `S: 220\nC: HELO x\nS: 250\nC: ${mail} BODY=BINARYMIME\nS: 555`);
  });
});
