import { ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { mailbox } from './kit.ts';

const x = (count: number): string => 'x'.repeat(count);
const label = `${x(61)}.`;

describe.each(ways)('the reverse-path, $name', ({ open }) => {
  it.each([
    ['<>', ''],
    ['<a@client.example>', 'a@client.example'],
    [' <a@client.example>', 'a@client.example'],
    ['<A.B@Client.Example>', 'A.B@Client.Example'],
    ['<"a b"@client.example>', '"a b"@client.example'],
    ['<"a>b"@client.example>', '"a>b"@client.example'],
    ['<"plain"@client.example>', 'plain@client.example'],
    [String.raw`<"a\"b\\c"@client.example>`, String.raw`"a\"b\\c"@client.example`],
    ['<""@client.example>', '""@client.example'],
    ['<a@[192.0.2.1]>', 'a@[192.0.2.1]'],
    ['<a@[IPv6:2001:db8::1]>', 'a@[IPv6:2001:db8::1]'],
    ['<@one.example,@two.example:a@client.example>', 'a@client.example'],
    [`<${x(64)}@client.example>`, `${x(64)}@client.example`],
    ["<!#$%&'*+-/=?^_`{|}~@client.example>", "!#$%&'*+-/=?^_`{|}~@client.example"],
  ])('%s is taken as %s', async (path, mailboxName) => {
    const { server, kept } = mailbox();
    const client = await open(server);
    await client.hello();
    expect(await client.command(`MAIL FROM:${path}`)).toMatchObject({ code: 250, enhanced: '2.1.0' });
    await client.command('RCPT TO:<b@mx.example>');
    await client.command('DATA');
    await client.command('.');
    expect(kept).toMatchObject([{ sender: mailboxName }]);
  });

  it.each([
    ['', 501],
    ['a@client.example', 501],
    ['<a@client.example', 501],
    ['a@client.example>', 501],
    ['<a>', 501],
    ['<Postmaster>', 501],
    ['<@client.example>', 501],
    ['<a@>', 501],
    ['<a b@client.example>', 501],
    ['<.a@client.example>', 501],
    ['<a.@client.example>', 501],
    ['<a..b@client.example>', 501],
    ['<a@-client.example>', 501],
    ['<a@client..example>', 501],
    ['<a@client.example.>', 501],
    ['<a@client_x.example>', 501],
    ['<a@[192.0.2.256]>', 501],
    ['<a@[192.0.2.1>', 501],
    ['<a@[IPv6:2001:db8::1::2]>', 501],
    ['<a@b@client.example>', 501],
    ['<"a@client.example>', 501],
    ['<@one.example a@client.example>', 501],
    [`<${x(65)}@client.example>`, 501],
    [`<a@${label.repeat(4)}${x(6)}>`, 501],
    [`<${x(63)}@${label.repeat(3)}${x(6)}>`, 501],
    ['<ü@client.example>', 553],
    ['<a@münchen.example>', 553],
    ['<@münchen.example:a@client.example>', 553],
    ['<a@client.example><b@client.example>', 501],
  ])('%s is answered %i', async (path, code) => {
    const { server } = mailbox();
    const client = await open(server);
    await client.hello();
    expect(await client.command(`MAIL FROM:${path}`)).toMatchObject({
      code,
      enhanced: code === 553 ? '5.6.7' : '5.1.7',
    });
    expect(await client.mail()).toMatchObject({ code: 250 });
  });

  it('may have 256 octets, its brackets among them, and no more', async () => {
    const { server } = mailbox();
    const client = await open(server);
    await client.hello();
    const domain = (octets: number): string => `${label.repeat(3)}${x(octets)}.example`;
    const path = `<${x(50)}@${domain(10)}>`;
    const longer = 256 - path.length;
    expect((await client.command(`MAIL FROM:<${x(50)}@${domain(10 + longer + 1)}>`)).code).toBe(501);
    expect((await client.command(`MAIL FROM:<${x(50)}@${domain(10 + longer)}>`)).code).toBe(250);
  });
});

describe.each(ways)('the forward-path, $name', ({ open }) => {
  it.each([
    ['<Postmaster>', 'Postmaster'],
    ['<pOSTMASTER>', 'pOSTMASTER'],
    ['<@one.example:b@mx.example>', 'b@mx.example'],
    ['<"b c"@mx.example>', '"b c"@mx.example'],
    ['<b@[192.0.2.1]>', 'b@[192.0.2.1]'],
  ])('%s is taken as %s', async (path, mailboxName) => {
    const { server, kept } = mailbox();
    const client = await open(server);
    await client.hello();
    await client.command('MAIL FROM:<a@client.example>');
    expect(await client.command(`RCPT TO:${path}`)).toMatchObject({ code: 250 });
    await client.command('DATA');
    await client.command('.');
    expect(kept).toMatchObject([{ recipients: [mailboxName] }]);
  });

  it.each([
    ['<>', 501, '5.1.3'],
    ['<b>', 501, '5.1.3'],
    ['b@mx.example', 501, '5.1.3'],
    ['<"Post master">', 501, '5.1.3'],
    ['<ü@mx.example>', 553, '5.6.7'],
  ])('%s is answered %i %s', async (path, code, enhanced) => {
    const client = await open(mailbox().server);
    await client.hello();
    await client.command('MAIL FROM:<a@client.example>');
    expect(await client.command(`RCPT TO:${path}`)).toMatchObject({ code, enhanced });
    expect(await client.command('RCPT TO:<b@mx.example>')).toMatchObject({ code: 250 });
  });
});
