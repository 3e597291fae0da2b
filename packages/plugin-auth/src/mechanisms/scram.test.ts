import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { script, ways, type Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { base64, certificate, house, users } from '../../test/house.ts';
import { speakScram } from '../../test/scram-client.ts';
import { scramRecord } from '../sasl/scram.ts';
import { scram } from './scram.ts';

const hashes = ['SHA-256', 'SHA-1'] as const;
const ann = { user: 'ann', password: 'secret' };

/** What the client can bind the channel to. */
const exporter = (client: Client): Buffer =>
  (client.stream as TLSSocket).exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
const endPoint = (client: Client): Buffer =>
  createHash('sha256')
    .update((client.stream as TLSSocket).getPeerCertificate().raw)
    .digest();

describe.each(ways)('SCRAM $name', { timeout: 30_000 }, ({ open }) => {
  it.each(hashes)('lets in who knows the password, and proves that it knows it too: %s', async (hash) => {
    const client = await open(house().server);
    await client.hello();
    expect(await speakScram(client, `SCRAM-${hash}`, { hash, ...ann })).toMatchObject({ code: 235, enhanced: '2.7.0' });
    expect(await client.command('WHO')).toMatchObject({ text: `ann by SCRAM-${hash}` });
  });

  it.each(hashes)('refuses a wrong password as it does an unknown user: %s', async (hash) => {
    const client = await open(house({ delay: () => 0 }).server);
    await client.hello();
    const refused = { raw: '535 5.7.8 Authentication credentials invalid\r\n' };
    expect(await speakScram(client, `SCRAM-${hash}`, { hash, ...ann, password: 'guess' })).toMatchObject(refused);
    expect(await speakScram(client, `SCRAM-${hash}`, { hash, ...ann, user: 'eve' })).toMatchObject(refused);
    expect(await client.command('WHO')).toMatchObject({ text: 'nobody' });
  });

  it.each(hashes)('is bound to the connection, or to the certificate: %s', async (hash) => {
    const { server } = house();
    const bindings = [
      ['tls-exporter', exporter, 'TLSv1.3'],
      ['tls-server-end-point', endPoint, 'TLSv1.3'],
      ['tls-server-end-point', endPoint, 'TLSv1.2'],
    ] as const;
    for (const [type, binding, version] of bindings) {
      const client = await open(server, { tls: certificate, secure: { minVersion: version, maxVersion: version } });
      expect((await client.hello()).text).toContain(`SCRAM-${hash}-PLUS`);
      const options = { hash, ...ann, flag: `p=${type}`, binding: binding(client) };
      expect(await speakScram(client, `SCRAM-${hash}-PLUS`, options)).toMatchObject({ code: 235 });
      expect(await client.command('WHO')).toMatchObject({ text: `ann by SCRAM-${hash}-PLUS` });
    }
  });

  it.each(hashes)('refuses who is bound to another channel: %s', async (hash) => {
    const client = await open(house().server, { tls: certificate });
    await client.hello();
    const between = { hash, ...ann, flag: 'p=tls-exporter', binding: Buffer.alloc(32) };
    expect(await speakScram(client, `SCRAM-${hash}-PLUS`, between)).toMatchObject({ code: 535, enhanced: '5.7.8' });
    const unknown = { hash, ...ann, flag: 'p=tls-unique', binding: Buffer.alloc(12) };
    expect(await speakScram(client, `SCRAM-${hash}-PLUS`, unknown)).toMatchObject({ code: 535 });
    const older = await open(house().server, { tls: certificate, secure: { maxVersion: 'TLSv1.2' } });
    await older.hello();
    const shared = { ...between, binding: exporter(older) };
    expect(await speakScram(older, `SCRAM-${hash}-PLUS`, shared)).toMatchObject({ code: 535 });
  });

  it('notices that somebody took the forms with channel binding off its list', async () => {
    const { server } = house();
    const bound = await open(server, { tls: certificate });
    await bound.hello();
    const options = { hash: 'SHA-256', ...ann, flag: 'y' } as const;
    expect(await speakScram(bound, 'SCRAM-SHA-256', options)).toMatchObject({ code: 535 });
    // Without TLS there was nothing to take off.
    const plain = await open(server);
    await plain.hello();
    expect(await speakScram(plain, 'SCRAM-SHA-256', options)).toMatchObject({ code: 235 });
  });

  it('has the flag that belongs to its form', async () => {
    const client = await open(house().server, { tls: certificate });
    await client.hello();
    const options = { hash: 'SHA-256', ...ann } as const;
    const wrong = { code: 501, enhanced: '5.5.2' };
    expect(await speakScram(client, 'SCRAM-SHA-256-PLUS', options)).toMatchObject(wrong);
    expect(await speakScram(client, 'SCRAM-SHA-256', { ...options, flag: 'p=tls-exporter' })).toMatchObject(wrong);
  });

  it('lets somebody act as another if the directory does', async () => {
    const client = await open(house().server);
    await client.hello();
    const options = { hash: 'SHA-256', ...ann } as const;
    expect(await speakScram(client, 'SCRAM-SHA-256', { ...options, actAs: 'bob@example.org' })).toMatchObject({
      code: 535,
    });
    expect(await speakScram(client, 'SCRAM-SHA-256', { ...options, actAs: 'sales' })).toMatchObject({ code: 235 });
    expect(await client.command('WHO')).toMatchObject({ text: 'sales by SCRAM-SHA-256' });
  });

  it('knows a user by its prepared name, and signs over the name as it was sent', async () => {
    const client = await open(house().server);
    await client.hello();
    const options = { hash: 'SHA-256', ...ann, user: 'a\u00adnn', actAs: 'a\u00adnn' } as const;
    expect(await speakScram(client, 'SCRAM-SHA-256', options)).toMatchObject({ code: 235 });
    expect(await client.command('WHO')).toMatchObject({ text: 'ann by SCRAM-SHA-256' });
  });

  it.each([
    ['a nonce of its own making', (it: string) => it.replace(/^(c=.*,r=).*(,p=)/, '$1made-up$2'), 535],
    ['another header than it began with', (it: string) => it.replace(/^c=biws/, `c=${base64('y,,')}`), 535],
    ['another proof', (it: string) => it.replace(/p=.*/, `p=${base64(Buffer.alloc(32))}`), 535],
    ['no proof', (it: string) => it.replace(/,p=.*/, ''), 501],
    ['an extension that must be known', (it: string) => it.replace(/^n,,/, 'n,,m=x,'), 501],
    ['a message of another form', (it: string) => it.replace(/^n,,/, 'F,n,,'), 501],
  ])('refuses %s', async (_what, tamper, code) => {
    const client = await open(house().server);
    await client.hello();
    expect(await speakScram(client, 'SCRAM-SHA-256', { hash: 'SHA-256', ...ann, tamper })).toMatchObject({ code });
    expect(await client.command('WHO')).toMatchObject({ text: 'nobody' });
    expect(await speakScram(client, 'SCRAM-SHA-256', { hash: 'SHA-256', ...ann })).toMatchObject({ code: 235 });
  });

  it.each([
    {
      hash: 'SHA-1',
      nonce: '3rfcNHYJY1ZVvWVs7j',
      salt: 'QSXCR+Q6sek8bf92',
      exchange: [
        'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL',
        'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
        'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
        'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
      ],
    },
    {
      hash: 'SHA-256',
      nonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
      salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
      exchange: [
        'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
        'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
        'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
        'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
      ],
    },
  ] as const)('speaks the example of its RFC: $hash', async ({ hash, nonce, salt, exchange }) => {
    const record = await scramRecord('pencil', { hash, salt: Buffer.from(salt, 'base64'), iterations: 4096 });
    const { server } = house({
      directory: { scramHashes: [hash], scramRecord: async (user) => (user === 'user' ? record : undefined) },
      mechanisms: [scram({ nonce: () => nonce })],
    });
    const client = await open(server);
    expect((await client.hello()).lines.at(-1)).toBe(`AUTH SCRAM-${hash}`);
    const [first, second, third, fourth] = exchange.map((message) => base64(message));
    await script(
      client,
      `C: AUTH SCRAM-${hash} ${first}
       S: 334 ${second}
       C: ${third}
       S: 334 ${fourth}
       C:
       S: 235 2.7.0 Authentication successful
       C: WHO
       S: 250 user by SCRAM-${hash}`,
    );
  });

  it('wants nothing but silence after its last word', async () => {
    const client = await open(house().server);
    await client.hello();
    const tampered = {
      command: (line: string) => client.command(line === '' ? base64('more') : line),
    } as Client;
    expect(await speakScram(tampered, 'SCRAM-SHA-256', { hash: 'SHA-256', ...ann })).toMatchObject({ code: 501 });
    expect(await client.command('WHO')).toMatchObject({ text: 'nobody' });
  });
});

describe.each(ways)('who asks SCRAM for a salt $name', { timeout: 30_000 }, ({ open }) => {
  it('is told one for an unknown user that looks like a known one’s, and the same when it asks again', async () => {
    const { server } = house({ directory: users, mechanisms: [scram({ decoy: { iterations: 4096 } })], attempts: 10 });
    const client = await open(server);
    await client.hello();
    const ask = async (user: string): Promise<string | undefined> => {
      const { text } = await client.command(`AUTH SCRAM-SHA-256 ${base64(`n,,n=${user},r=abc`)}`);
      await client.command('*');
      return /^r=abc[^,]{24},(s=[A-Za-z0-9+/]{22}==,i=4096)$/.exec(Buffer.from(text, 'base64').toString())?.[1];
    };
    const [known, unknown, other] = [await ask('ann'), await ask('eve'), await ask('mallory')];
    for (const salt of [known, unknown, other]) expect(salt).toBeDefined();
    expect(unknown).not.toBe(other);
    expect(await ask('eve')).toBe(unknown);
    expect(await ask('ann')).toBe(known);
  });
});
