import type { Listener } from '@maitred/core';
import { ways, type Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { client, inet, local, tlv, unix, version1, version2 } from '../test/headers.ts';
import { stillReceiver as receiver } from '../test/receiver.ts';
import { proxy } from './proxy.ts';

const from = ['127.0.0.1', '2001:db8:1::/48'];
const stranger = { address: '203.0.113.9', port: 50_000 };

const headers = [
  ['version 1', version1()],
  ['version 2', version2()],
] as const;

/** Greets and sends a mail: the connection works. */
async function mails(client: Client): Promise<void> {
  await client.hello();
  expect(await client.mail()).toMatchObject({ code: 250 });
}

describe.each(ways)('PROXY $name', ({ open }) => {
  it.each(headers)('shows the client behind a listed proxy, %s', async (_, header) => {
    await using it = receiver({ from });
    const connection = await open(it.server);
    connection.send(header);
    await mails(connection);
    expect(it.kept).toMatchObject([{ remote: client, local, socket: { address: '127.0.0.1' } }]);
    expect(it.kept[0]).toMatchObject({ header: { command: 'PROXY', source: client, destination: local } });
    expect(it.kept[0]?.content).toContain('Received: from client.example ([192.0.2.7])');
    expect(it.log.records).toEqual([]);
  });

  it('shows the client of a proxy that is listed as IPv4 and comes as IPv6', async () => {
    await using it = receiver({ from });
    const connection = await open(it.server, { remote: { address: '::ffff:127.0.0.1', port: 1 } });
    connection.send(version1());
    await mails(connection);
    expect(it.kept).toMatchObject([{ remote: client, socket: { address: '::ffff:127.0.0.1', port: 1 } }]);
  });

  it('shows IPv6 clients, TLVs, and clients of other transports', async () => {
    await using it = receiver({ from });
    const remote = { address: '2001:db8:1:2::1', port: 1 };
    for (const header of [
      version1('TCP6 2001:DB8::7 2001:db8::25 1 2'),
      version2({ transport: 2, tlvs: tlv(0x02, 'mx.example.org') }),
      version2({ family: 3, addresses: unix('', '/run/smtp.sock') }),
    ]) {
      const connection = await open(it.server, { remote });
      connection.send(header);
      await mails(connection);
    }
    const nowhere = { address: '', port: 0 };
    expect(it.kept).toMatchObject([
      { remote: { address: '2001:db8::7', port: 1 }, local: { address: '2001:db8::25', port: 2 }, socket: remote },
      { remote: client, header: { transport: 'DGRAM', tlvs: { authority: 'mx.example.org' } } },
      { remote: nowhere, local: nowhere, header: { destination: { path: '/run/smtp.sock' } } },
    ]);
  });

  it.each([
    ['UNKNOWN', version1('UNKNOWN')],
    ['LOCAL', version2({ command: 0, addresses: inet([192, 0, 2, 7], [198, 51, 100, 25]) })],
    ['UNSPEC', version2({ family: 0, transport: 0 })],
  ])("shows the socket's own ends where the header tells nobody's: %s", async (_, header) => {
    await using it = receiver({ from });
    const remote = { address: '127.0.0.1', port: 40_001 };
    const connection = await open(it.server, { remote, local: { address: '127.0.0.1', port: 2525 } });
    connection.send(header);
    await mails(connection);
    expect(it.kept).toMatchObject([
      { remote, local: { port: 2525 }, socket: remote, header: { family: 'UNSPEC', source: undefined } },
    ]);
  });

  it("hands on what is behind the header as the client's", async () => {
    await using it = receiver({ from });
    const connection = await open(it.server);
    connection.send(Buffer.concat([version2(), Buffer.from('NOOP\r\nEHLO client.example\r\n')]));
    expect([await connection.reply(), await connection.reply(), await connection.reply()]).toMatchObject([
      { code: 220 },
      { code: 250 },
      { code: 250 },
    ]);
    expect(await connection.mail()).toMatchObject({ code: 250 });
    expect(it.kept).toMatchObject([{ remote: client }]);
  });

  it.each(headers)('drops who comes from no listed network where a header is required, %s', async (_, header) => {
    await using it = receiver({ from });
    const connection = await open(it.server, { remote: stranger });
    connection.send(header);
    expect(await connection.closed().catch(() => '')).toBe('');
    expect([connection.transcript, it.greeted]).toEqual(['', []]);
    expect(it.log.records).toMatchObject([{ level: 'info', fields: { socket: stranger } }]);
    expect(it.log.records[0]?.message).toContain('it came from no listed network');
  });

  it('believes no header from elsewhere where one is optional: it is a syntax error', async () => {
    await using it = receiver({ from, header: 'optional' });
    const connection = await open(it.server, { remote: stranger });
    connection.send(version1());
    expect(await connection.reply()).toMatchObject({ code: 220 });
    expect(await connection.reply()).toMatchObject({ code: 500 });
    await connection.command('EHLO client.example');
    expect(await connection.mail()).toMatchObject({ code: 250 });
    expect(it.kept).toMatchObject([{ remote: stranger, socket: stranger, header: undefined }]);

    const other = await open(it.server, { remote: stranger });
    other.send(version2());
    expect(await other.closed()).toMatch(/^220 .*\r\n(500 .*\r\n)+(500|554) .*\r\n$/);
  });

  it('takes no header where there is none to take', async () => {
    await using it = receiver({ from, header: () => 'none' });
    const connection = await open(it.server);
    connection.send(version1());
    expect([await connection.reply(), await connection.reply()]).toMatchObject([{ code: 220 }, { code: 500 }]);
  });

  it('takes a header once: another is a syntax error, and so is one after the greeting', async () => {
    await using it = receiver({ from });
    const connection = await open(it.server);
    connection.send(Buffer.concat([version1(), version1('TCP4 192.0.2.8 198.51.100.25 1 25')]));
    expect([await connection.reply(), await connection.reply()]).toMatchObject([{ code: 220 }, { code: 500 }]);
    expect(await connection.command('PROXY TCP4 192.0.2.9 198.51.100.25 1 25')).toMatchObject({ code: 500 });
    await connection.command('EHLO client.example');
    expect(await connection.mail()).toMatchObject({ code: 250 });
    expect(it.kept).toMatchObject([{ remote: client }]);
    connection.send(version2());
    expect(await connection.closed()).toMatch(/^(500 .*\r\n)+(500|554) .*\r\n$/);
  });

  it('asks for each listener', async () => {
    const seen: Listener[] = [];
    await using it = receiver({
      from,
      header: (listener) => {
        seen.push(listener);
        return 'required';
      },
    });
    const connection = await open(it.server);
    connection.send(version1());
    await mails(connection);
    expect(seen).toEqual([{ name: expect.any(String) as string, tls: 'none' }]);
  });
});

describe.each(ways)('connection limits behind a proxy, $name', ({ open }) => {
  it("count the client's address", async () => {
    await using it = receiver({ from }, { limits: { connectionsPerAddress: 1 } });
    const codes: number[] = [];
    const connect = async (address: string): Promise<Client> => {
      const connection = await open(it.server);
      connection.send(version1(`TCP4 ${address} 198.51.100.25 40000 25`));
      codes.push((await connection.reply()).code);
      return connection;
    };
    const first = await connect('192.0.2.1');
    await connect('192.0.2.2');
    await connect('192.0.2.1');
    expect(codes).toEqual([220, 220, 421]);
    await first.command('QUIT');
    await first.closed();
    for (let tries = 0; tries < 100 && codes.at(-1) === 421; tries += 1) await connect('192.0.2.1');
    expect(codes.at(-1)).toBe(220);
  });

  it('know one client by one address, however it is written', async () => {
    await using it = receiver({ from }, { limits: { connectionsPerAddress: 1 } });
    const codes: number[] = [];
    for (const address of ['::ffff:192.0.2.1', '::ffff:c000:201', '2001:db8::1', '2001:0DB8:0::0001']) {
      const connection = await open(it.server);
      connection.send(version1(`TCP6 ${address} ::1 40000 25`));
      codes.push((await connection.reply()).code);
    }
    expect(codes).toEqual([220, 421, 220, 421]);
  });

  it('are not evaded by headers from elsewhere', async () => {
    await using it = receiver({ from, header: 'optional' }, { limits: { connectionsPerAddress: 1 } });
    const codes: number[] = [];
    for (const last of [1, 2]) {
      const connection = await open(it.server, { remote: stranger });
      connection.send(version1(`TCP4 192.0.2.${last} 198.51.100.25 40000 25`));
      codes.push((await connection.reply()).code);
    }
    expect(codes).toEqual([220, 421]);
  });
});

describe('proxy()', () => {
  it('names what is wrong with its options', () => {
    expect(() => proxy({ from: [] })).toThrow('no network is listed');
    expect(() => proxy({ from: ['10.0.0.0/99'] })).toThrow('10.0.0.0/99 is no network');
    for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => proxy({ from, deadline: wrong })).toThrow(
        new RangeError(`deadline is a number of milliseconds, not ${wrong}`),
      );
      expect(() => proxy({ from, patience: wrong })).toThrow(
        new RangeError(`patience is a number of milliseconds, not ${wrong}`),
      );
    }
    for (const wrong of [231, 65_552, 1000.5, Number.NaN]) {
      expect(() => proxy({ from, maximum: wrong })).toThrow(
        new RangeError(`maximum is a number of octets, 232 to 65551, not ${wrong}`),
      );
    }
  });
});
