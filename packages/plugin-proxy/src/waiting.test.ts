import { EventEmitter, once } from 'node:events';
import { ways, type Client, type FakeClock } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { client, tlv, version1, version2 } from '../test/headers.ts';
import { stillReceiver as receiver } from '../test/receiver.ts';

const from = ['127.0.0.1'];
const headers = [version1(), version2({ tlvs: tlv(0x02, 'mx.example.org') })];

/** Lets the clock go on until the server says something or ends the connection; milliseconds of that clock. */
async function heard(clock: FakeClock, client: Client, step = 50): Promise<number> {
  const began = clock.now();
  const { stream } = client;
  for (let steps = 0; steps < 2000 && !stream.readableEnded && client.transcript === ''; steps += 1)
    await clock.advance(step);
  return clock.now() - began;
}

describe.each(ways)('waiting for PROXY, $name', ({ open }) => {
  it('drops who has no header within the deadline, before any greeting', async () => {
    await using it = receiver({ from });
    const silent = await open(it.server);
    expect(await heard(it.clock, silent)).toBeGreaterThanOrEqual(5000);
    expect(await silent.closed()).toBe('');
    expect(it.log.records).toMatchObject([{ level: 'warn', fields: { socket: { address: '127.0.0.1' } } }]);
    expect(it.log.records[0]?.message).toContain('none came in time');
  });

  it('has a deadline for all of a header, which no trickle puts off', async () => {
    await using it = receiver({ from, deadline: 1000 });
    for (const header of headers) {
      const slow = await open(it.server);
      let sent = 0;
      for (; sent < header.length - 1 && !slow.stream.readableEnded; sent += 1) {
        slow.send(header.subarray(sent, sent + 1));
        await it.clock.advance(100);
      }
      expect(await slow.closed()).toBe('');
      expect(sent).toBeGreaterThanOrEqual(10);
      expect(it.log.records.at(-1)?.message).toContain('begun, but not finished in time');
    }
  });

  it('counts that deadline from the beginning, not from the first octet', async () => {
    const events = new EventEmitter();
    const waits = once(events, 'waits');
    await using it = receiver({
      from,
      header: () => {
        events.emit('waits');
        return 'required';
      },
    });
    const slow = await open(it.server);
    await waits;
    const began = it.clock.now();
    await it.clock.advance(4000);
    slow.send(version1().subarray(0, 1));
    await heard(it.clock, slow);
    expect(await slow.closed()).toBe('');
    expect(it.clock.now() - began).toBeLessThan(6000);
  });

  it('takes a header that comes in pieces within the deadline', async () => {
    await using it = receiver({ from });
    for (const header of headers) {
      const slow = await open(it.server);
      for (let at = 0; at < header.length; at += 5) {
        slow.send(header.subarray(at, at + 5));
        await it.clock.advance(50);
      }
      await slow.hello();
      expect(await slow.mail()).toMatchObject({ code: 250 });
    }
    expect(it.kept).toMatchObject([{ remote: client }, { remote: client }]);
  });

  it('drops who leaves in the middle of a header', async () => {
    await using it = receiver({ from });
    for (const header of headers) {
      for (const cut of [1, 5, 13, header.length - 1]) {
        const gone = await open(it.server);
        gone.send(header.subarray(0, cut));
        gone.end();
        expect(await gone.closed()).toBe('');
        expect(it.log.records.at(-1)).toMatchObject({ level: 'warn' });
        expect(it.log.records.at(-1)?.message).toContain('ended in the middle of one');
      }
    }
  });

  it('makes no news of who only looks whether somebody listens', async () => {
    await using it = receiver({ from });
    const gone = await open(it.server);
    gone.end();
    expect(await gone.closed()).toBe('');
    expect(it.log.records).toMatchObject([{ level: 'debug' }]);
  });

  it('drops at once what is no header', async () => {
    await using it = receiver({ from });
    for (const octets of ['EHLO client.example\r\n', 'PRDR', '\r\n\r\nQUIT\r\n', '\x16\x03\x01', '\0']) {
      const connection = await open(it.server);
      connection.send(octets);
      expect(await connection.closed()).toBe('');
      expect(it.log.records.at(-1)).toMatchObject({ level: 'warn' });
      expect(it.log.records.at(-1)?.message).toContain('what came first is none');
    }
  });

  it.each([
    ['version 1 ends in CR LF', Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.25 1 2\n')],
    ['one line of at most 107 octets', Buffer.from(`PROXY UNKNOWN ${'x'.repeat(100)}`)],
    ['a protocol, two addresses and two ports', version1('TCP4 192.0.2.7')],
    ['TCP4, TCP6 or UNKNOWN', version1('TCP5 192.0.2.7 198.51.100.25 1 2')],
    ['an address is not one of', version1('TCP4 192.0.2.256 198.51.100.25 1 2')],
    ['a port is a number', version1('TCP4 192.0.2.7 198.51.100.25 1 65536')],
    ['the version is not 2', version2({ version: 3 })],
    ['the command is neither', version2({ command: 2 })],
    ['the address family is none of', version2({ family: 4 })],
    ['the transport is none of', version2({ transport: 3 })],
    ['too short for its addresses', version2({ length: 11 })],
    ['larger than is allowed', version2({ length: 4081 })],
    ['a TLV is cut off', version2({ tlvs: Buffer.of(1, 0) })],
    ['a TLV came twice', version2({ tlvs: Buffer.concat([tlv(2, 'a'), tlv(2, 'a')]) })],
    ['AUTHORITY is not text', version2({ tlvs: tlv(2, '\r\n') })],
    ['the checksum is wrong', version2({ tlvs: tlv(3, [1, 2, 3, 4]) })],
  ])('drops a wrong header without a word, and says in the log: %s', async (why, header) => {
    for (const demand of ['required', 'optional'] as const) {
      await using it = receiver({ from, header: demand });
      const wrong = await open(it.server);
      wrong.send(Buffer.concat([header, Buffer.from('EHLO client.example\r\n')]));
      expect(await wrong.closed().catch(() => wrong.transcript)).toBe('');
      expect(it.log.records).toMatchObject([{ level: 'warn', fields: { listener: expect.any(String) as string } }]);
      expect(it.log.records[0]?.message).toContain(why);
      const next = await open(it.server);
      next.send(version1());
      expect(await next.reply()).toMatchObject({ code: 220 });
    }
  });
});

describe.each(ways)('PROXY where it is optional, $name', ({ open }) => {
  it('greets a client without a header after a short wait', async () => {
    await using it = receiver({ from, header: 'optional' });
    const plain = await open(it.server);
    expect(await heard(it.clock, plain)).toBeGreaterThanOrEqual(200);
    await plain.hello();
    expect(await plain.mail()).toMatchObject({ code: 250 });
    expect(it.kept).toMatchObject([{ remote: { address: '127.0.0.1' }, header: undefined }]);
    expect(it.log.records).toEqual([]);
  });

  it('waits as long as it is told to', async () => {
    await using it = receiver({ from, header: 'optional', patience: 2000 });
    expect(await heard(it.clock, await open(it.server))).toBeGreaterThanOrEqual(2000);
  });

  it('lets nobody else wait', async () => {
    await using it = receiver({ from, header: 'optional' });
    const stranger = await open(it.server, { remote: { address: '203.0.113.9', port: 1 } });
    expect(await stranger.reply()).toMatchObject({ code: 220 });
  });

  it('takes the header of who has one', async () => {
    await using it = receiver({ from, header: 'optional' });
    for (const header of headers) {
      const connection = await open(it.server);
      connection.send(header);
      await connection.hello();
      expect(await connection.mail()).toMatchObject({ code: 250 });
    }
    expect(it.kept).toMatchObject([{ remote: client }, { remote: client }]);
  });

  it('hands on whatever else comes first', async () => {
    await using it = receiver({ from, header: 'optional' });
    const hasty = await open(it.server);
    hasty.send('PRDR\r\nHELO client.example\r\n');
    expect([await hasty.reply(), await hasty.reply(), await hasty.reply()]).toMatchObject([
      { code: 220 },
      { code: 500 },
      { code: 250 },
    ]);
  });

  it('holds who begins a header to it', async () => {
    await using it = receiver({ from, header: 'optional' });
    const slow = await open(it.server);
    slow.send(version1().subarray(0, 20));
    expect(await heard(it.clock, slow)).toBeGreaterThanOrEqual(5000);
    expect(await slow.closed()).toBe('');
  });
});
