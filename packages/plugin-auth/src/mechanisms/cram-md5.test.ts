import { createHmac } from 'node:crypto';
import { ways, type Client, type ReceivedReply } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { base64, house } from '../../test/house.ts';
import { cramMd5 } from './cram-md5.ts';

async function speak(client: Client, user: string, secret: string): Promise<ReceivedReply> {
  const { text } = await client.command('AUTH CRAM-MD5');
  const challenge = Buffer.from(text, 'base64').toString();
  expect(challenge).toMatch(/^<[0-9a-f]{32}@mx\.example\.org>$/);
  return client.command(base64(`${user} ${createHmac('md5', secret).update(challenge).digest('hex')}`));
}

describe.each(ways)('CRAM-MD5 $name', ({ open }) => {
  it('is off unless asked for', async () => {
    const client = await open(house().server);
    expect((await client.hello()).text).not.toContain('CRAM-MD5');
    expect(await client.command('AUTH CRAM-MD5')).toMatchObject({ code: 504 });
  });

  it('lets in who knows the secret', async () => {
    const client = await open(house({ mechanisms: [cramMd5()] }).server);
    await client.hello();
    expect(await speak(client, 'ann', 'secret')).toMatchObject({ code: 235 });
    expect(await client.command('WHO')).toMatchObject({ text: 'ann by CRAM-MD5' });
  });

  it('refuses a wrong secret as it does an unknown user', async () => {
    const client = await open(house({ mechanisms: [cramMd5()] }).server);
    await client.hello();
    const wrong = await speak(client, 'ann', 'guess');
    expect(wrong).toMatchObject({ code: 535, enhanced: '5.7.8' });
    expect((await speak(client, 'eve', 'secret')).raw).toBe(wrong.raw);
    expect((await speak(client, 'a\x07', 'secret')).raw).toBe(wrong.raw);
  });

  it('refuses what is no answer', async () => {
    const client = await open(house({ mechanisms: [cramMd5()] }).server);
    await client.hello();
    await client.command('AUTH CRAM-MD5');
    expect(await client.command(base64('ann secret'))).toMatchObject({ code: 501, enhanced: '5.5.2' });
  });
});
