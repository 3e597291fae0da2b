import { definePlugin, replies } from '@maitred/core';
import { clientOn, selfSigned, ways, type Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { client, local, tlv, version1, version2 } from '../test/headers.ts';
import { stillReceiver as receiver } from '../test/receiver.ts';
import { headed, pieces, type Cut } from '../test/segments.ts';

const from = ['127.0.0.1'];
const tls = selfSigned('mx.example.org');
const local465 = { ...local, port: 465 };
const v1 = version1('TCP4 192.0.2.7 198.51.100.25 40000 465');

const headers = [
  ['version 1', v1],
  ['version 2', version2({ tlvs: tlv(0x02, 'mx.example.org') })],
] as const;

const cuts: readonly (readonly [string, Cut])[] = [
  ['with the ClientHello in its segment', (octets) => [octets]],
  ['and the ClientHello one octet at a time', pieces(1)],
  ['and the ClientHello in many pieces', pieces(13)],
  ['cut within, with the ClientHello in its second segment', (octets) => [octets.subarray(0, 10), octets.subarray(10)]],
  [
    'with the first octets of the ClientHello',
    (octets) => [octets.subarray(0, v1.length + 3), octets.subarray(v1.length + 3)],
  ],
];

/** A client whose TLS begins behind a header. */
async function secured(connection: Client, header: Buffer, cut: Cut): Promise<Client> {
  const inner = clientOn(headed(connection.stream, header, cut));
  await inner.secure({ servername: 'mx.example.org' });
  return inner;
}

describe.each(ways)('PROXY before implicit TLS $name', ({ open }) => {
  describe.each(headers)('%s', (_, header) => {
    it.each(cuts)('shows the client: the header %s', async (_, cut) => {
      await using it = receiver({ from });
      const inner = await secured(await open(it.server, { tls, secure: false }), header, cut);
      await inner.hello();
      expect(await inner.mail()).toMatchObject({ code: 250 });
      expect(it.kept).toMatchObject([{ remote: client, secured: true, socket: { address: '127.0.0.1' } }]);
      expect(it.kept[0]?.content).toMatch(/^Received: from client\.example \(\[192\.0\.2\.7\]\)\r\n.* with ESMTPS id /);
      expect(it.log.records).toEqual([]);
    });
  });

  it('shows what the client connected to', async () => {
    await using it = receiver({ from });
    const inner = await secured(await open(it.server, { tls, secure: false }), v1, pieces(1000));
    await inner.hello();
    await inner.mail();
    expect(it.kept).toMatchObject([{ local: local465 }]);
  });

  it('drops who has no header where one is required', async () => {
    await using it = receiver({ from });
    await expect(open(it.server, { tls })).rejects.toBeInstanceOf(Error);
    expect(it.log.records).toMatchObject([{ level: 'warn' }]);
  });

  it('lets who has none shake hands where it is optional', async () => {
    await using it = receiver({ from, header: 'optional' });
    const plain = await open(it.server, { tls });
    await plain.hello();
    expect(await plain.mail()).toMatchObject({ code: 250 });
    expect(it.kept).toMatchObject([{ remote: { address: '127.0.0.1' }, secured: true, header: undefined }]);
  });

  it('believes no header from elsewhere: it is no handshake', async () => {
    await using it = receiver({ from, header: 'optional' });
    const connection = await open(it.server, { tls, secure: false, remote: { address: '203.0.113.9', port: 1 } });
    await expect(secured(connection, v1, pieces(1000))).rejects.toBeInstanceOf(Error);
    expect(it.kept).toEqual([]);
  });

  it('keeps client and header through STARTTLS', async () => {
    await using it = receiver({ from });
    it.server.use(
      definePlugin({
        name: 'starttls',
        verbs: {
          STARTTLS: {
            endsGroup: true,
            handle: async (verb) => {
              verb.after((powers) => powers.upgrade(tls));
              return replies.of(220, undefined, 'Go ahead');
            },
          },
        },
      }),
    );
    const connection = await open(it.server);
    connection.send(version2());
    await connection.hello();
    await connection.command('STARTTLS');
    await connection.secure();
    await connection.command('EHLO client.example');
    expect(await connection.mail()).toMatchObject({ code: 250 });
    expect(it.kept).toMatchObject([{ remote: client, secured: true, header: { source: client } }]);
  });
});
