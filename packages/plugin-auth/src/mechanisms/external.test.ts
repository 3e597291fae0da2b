import { X509Certificate } from 'node:crypto';
import { script, selfSigned, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { base64, certificate, house } from '../../test/house.ts';
import { memoryDirectory } from '../directory/memory-directory.ts';

const [ann, eve, mallory] = ['ann', 'eve', 'mallory'].map((name) => selfSigned(`${name}.example`));
const users = await memoryDirectory([
  { name: 'ann', certificates: [new X509Certificate(ann!.cert).fingerprint256], actsAs: ['sales'] },
]);
/** Ann and Eve come with a certificate that TLS verifies; Mallory's is another matter. */
const tls = { ...certificate, requestCert: true, rejectUnauthorized: false, ca: [ann!.cert, eve!.cert] };

describe.each(ways)('EXTERNAL $name', ({ open }) => {
  it('lets in whose certificate it is', async () => {
    const client = await open(house({ directory: users }).server, { tls, secure: ann! });
    expect((await client.hello()).lines.at(-1)).toBe('AUTH EXTERNAL');
    await script(
      client,
      `C: AUTH EXTERNAL =
       S: 235
       C: WHO
       S: 250 ann by EXTERNAL`,
    );
  });

  it('lets somebody act as another if the directory does', async () => {
    const client = await open(house({ directory: users }).server, { tls, secure: ann! });
    await client.hello();
    await script(
      client,
      `C: AUTH EXTERNAL ${base64('eve')}
       S: 535
       C: AUTH EXTERNAL ${base64('a\0b')}
       S: 501
       C: AUTH EXTERNAL
       S: 334
       C: ${base64('sales')}
       S: 235
       C: WHO
       S: 250 sales by EXTERNAL`,
    );
  });

  it('refuses a certificate that is nobody’s', async () => {
    const client = await open(house({ directory: users }).server, { tls, secure: eve! });
    await client.hello();
    expect(await client.command('AUTH EXTERNAL =')).toMatchObject({ code: 535, enhanced: '5.7.8' });
    expect(await client.command('WHO')).toMatchObject({ text: 'nobody' });
  });

  it('is not offered to who has no certificate, or one that was not verified', async () => {
    const { server } = house({ directory: users });
    for (const secure of [{}, mallory!]) {
      const client = await open(server, { tls, secure });
      expect((await client.hello()).text).not.toContain('AUTH');
      expect(await client.command('AUTH EXTERNAL =')).toMatchObject({ code: 504 });
    }
    const plain = await open(server);
    expect((await plain.hello()).text).not.toContain('AUTH');
  });
});
