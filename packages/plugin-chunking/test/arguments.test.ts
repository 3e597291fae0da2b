import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { ready, receiver } from './receiver.ts';

describe.each(ways)('the arguments of BDAT, $name', (way) => {
  it.each([
    '',
    'x',
    'LAST',
    '-1',
    '1 FIRST',
    '1x',
    '0x10',
    '1.5',
    '9007199254740992',
    '18446744073709551615 LAST',
    '1 LAST LAST',
    '1 2',
  ])('%j: 501, and the end, because nobody knows where its octets do', async (args) => {
    await using rig = receiver();
    const client = await ready(way, rig);
    client.send(`BDAT ${args}\r\nRSET\r\nQUIT\r\n`);
    expect(await client.reply()).toMatchObject({ code: 501, enhanced: '5.5.4', text: expect.stringContaining('BDAT') });
    expect(await client.closed()).toBe('');
  });

  it.each(['BDAT 6\0', 'BDAT\t6', 'BDAT 6 L\xffAST', `BDAT 6${' '.repeat(3000)}`])(
    'can stand in no line like %j: 500, and the end',
    async (line) => {
      await using rig = receiver();
      const client = await ready(way, rig);
      client.send(Buffer.from(`${line}\r\nRSET\r\nQUIT\r\n`, 'latin1'));
      expect(await client.reply()).toMatchObject({ code: 500, enhanced: '5.5.2' });
      expect(await client.closed()).toBe('');
    },
  );

  it.each(['bdat 6 last', 'BDAT 6 LAST  ', 'BDAT  0006  Last', `BDAT 6${' '.repeat(1000)}LAST`])(
    'may be written %j',
    async (line) => {
      await using rig = receiver();
      const client = await ready(way, rig);
      await script(client, `C: ${line}\nC: QUIT\nS: 250`);
      expect(rig.kept).toMatchObject([{ content: 'QUIT\r\n' }]);
    },
  );

  it.each(['EHLO', 'HELO'])('are 500 to who was not offered CHUNKING, its octets read: after no %s', async (hello) => {
    await using rig = receiver();
    const client = await way.open(rig.server);
    await script(client, 'S: 220');
    if (hello === 'EHLO') await script(client, 'C: HELO x\nS: 250');
    await script(client, 'C: BDAT 6 LAST\nC: QUIT\nC: NOOP\nS: 500\nS: 250');
  });
});
