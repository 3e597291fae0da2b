import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { selfSigned } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { door } from '../test/handshake.ts';
import { certificates } from './certificates.ts';

const [one, other, wild] = [selfSigned('one.example.org'), selfSigned('other.example.org'), selfSigned('wild')];

describe('certificates', () => {
  it('picks the certificate by the name that the client asks for', async () => {
    const certs = await certificates({ default: one, names: { 'other.example.org': other, '*.example.net': wild } });
    await using at = await door(certs.settings);
    expect(await at.shake()).toMatchObject({ subject: 'CN=one.example.org' });
    expect(await at.shake({ servername: 'OTHER.example.org' })).toMatchObject({ subject: 'CN=other.example.org' });
    expect(await at.shake({ servername: 'mx.example.net' })).toMatchObject({ subject: 'CN=wild' });
    expect(await at.shake({ servername: 'stranger.example' })).toMatchObject({ subject: 'CN=one.example.org' });
  });

  it('makes its contexts once, not at each handshake', async () => {
    const certs = await certificates({ default: one });
    const { secureContext } = certs.settings();
    expect(secureContext).toBeDefined();
    expect(certs.settings().secureContext).toBe(secureContext);
    await certs.reload();
    expect(certs.settings().secureContext).not.toBe(secureContext);
  });

  it('speaks TLS 1.2 and 1.3, and nothing older', async () => {
    const { settings } = await certificates({ default: one });
    await using at = await door(settings);
    expect(await at.shake({ maxVersion: 'TLSv1.2' })).toMatchObject({ protocol: 'TLSv1.2' });
    expect(await at.shake()).toMatchObject({ protocol: 'TLSv1.3' });
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
    await expect(at.shake(old)).rejects.toThrow(/alert protocol version/);
    const strict = await certificates({ default: one, minVersion: 'TLSv1.3' });
    await using strictly = await door(strict.settings);
    await expect(strictly.shake({ maxVersion: 'TLSv1.2' })).rejects.toThrow(/alert protocol version/);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'resumes no session, under no name and on no listener: %s',
    async (version) => {
      const { settings } = await certificates({ default: one, names: { 'other.example.org': other } });
      await using at = await door(settings);
      await using elsewhere = await door(settings);
      const before = await at.shake({ maxVersion: version, servername: 'one.example.org' });
      expect(before.sessions).toHaveLength(version === 'TLSv1.2' ? 1 : 2);
      for (const session of before.sessions) {
        for (const where of [at, elsewhere]) {
          for (const servername of ['one.example.org', 'other.example.org']) {
            const again = { maxVersion: version, servername, session };
            expect(await where.shake(again)).toMatchObject({ reused: false, subject: `CN=${servername}` });
          }
        }
      }
    },
  );

  it('agrees on smtp and on no other protocol', async () => {
    const { settings } = await certificates({ default: one });
    await using at = await door(settings);
    expect(await at.shake()).toMatchObject({ alpn: false });
    expect(await at.shake({ ALPNProtocols: ['h2', 'smtp'] })).toMatchObject({ alpn: 'smtp' });
    await expect(at.shake({ ALPNProtocols: ['h2', 'http/1.1'] })).rejects.toThrow(/no application protocol/);
  });
});

describe('reload', () => {
  it('swaps certificates and drops no session', async () => {
    let current = one;
    const certs = await certificates({ default: () => current, names: () => ({ 'x.example': current }) });
    await using at = await door(certs.settings);
    const guest = await at.enter();
    await once(guest, 'data');
    current = other;
    await certs.reload();
    expect(await at.shake()).toMatchObject({ subject: 'CN=other.example.org' });
    expect(await at.shake({ servername: 'x.example' })).toMatchObject({ subject: 'CN=other.example.org' });
    guest.write('NOOP\r\n');
    expect(String(await once(guest, 'data'))).toMatch(/^250/);
    expect(guest.getPeerCertificate().subject).toEqual({ CN: 'one.example.org' });
    guest.destroy();
  });

  it('keeps the old ones when one of the new ones is bad, and names it', async () => {
    const bad = [
      { key: other.key, cert: one.cert },
      { key: one.key, cert: 'nonsense' },
      { key: '', cert: one.cert },
      { key: '', cert: '' },
    ];
    for (const pair of bad) {
      let named = other;
      const certs = await certificates({ default: one, names: () => ({ 'mx.example.net': named }) });
      const before = certs.settings();
      named = pair;
      await expect(certs.reload()).rejects.toThrow("the certificate of mx.example.net can't be used: ");
      expect(certs.settings()).toBe(before);
      named = other;
      await certs.reload();
      expect(certs.settings()).not.toBe(before);
    }
  });

  it('keeps the old ones when there is no answer', async () => {
    let fails: Error | undefined;
    const source = (): typeof one => {
      if (fails) throw fails;
      return one;
    };
    const certs = await certificates({ default: source });
    const before = certs.settings();
    fails = new Error('the vault is sealed');
    await expect(certs.reload()).rejects.toThrow("the default certificate can't be used: the vault is sealed");
    expect(certs.settings()).toBe(before);
  });

  it('takes what lies there last, when asked again meanwhile', async () => {
    const pairs = [one, other, wild];
    // The second load would be the last to end, were it not waited for.
    const pauses = [0, 50, 0];
    const certs = await certificates({
      default: async () => {
        const pair = pairs.shift() ?? one;
        await setTimeout(pauses.shift());
        return pair;
      },
    });
    await Promise.all([certs.reload(), certs.reload()]);
    await using at = await door(certs.settings);
    expect(await at.shake()).toMatchObject({ subject: 'CN=wild' });
  });
});

describe('at the start', () => {
  it('rejects certificates that could not serve', async () => {
    await expect(certificates({ default: { key: [], cert: [] } })).rejects.toThrow(
      "the default certificate can't be used: it has no key or no certificate",
    );
    const two = { key: [one.key, other.key], cert: [one.cert, other.cert] };
    await expect(certificates({ default: one, names: { 'mx.example': two } })).rejects.toThrow(
      "the certificate of mx.example can't be used: only the default one may be of several keys",
    );
    await expect(certificates({ default: one, names: { '*.*.example': other } })).rejects.toThrow('is no host name');
    await expect(certificates({ default: one, ca: 'nonsense' })).rejects.toThrow(
      "the authorities in ca can't be used: ",
    );
    await expect(certificates({ default: one, ciphers: 'NONE-SUCH' })).rejects.toThrow('no cipher match');
  });
});

describe('what is no key pair', () => {
  const pair = (key: unknown, cert: unknown): typeof one => ({ key, cert }) as typeof one;

  it.each([
    ['none', undefined],
    ['null', null],
    ['the key pair itself', one],
  ])('is told where it belongs: %s', async (_, options) => {
    await expect(certificates(options as never)).rejects.toThrow(
      new TypeError('certificates takes { default: { key, cert } }'),
    );
  });

  it.each([
    ['the name of a key’s file', pair('mx.key', one.cert), 'key is no private key in PEM'],
    ['the name of a certificate’s file', pair(one.key, 'mx.crt'), 'cert is no certificate in PEM'],
    ['both names', pair('mx.key', 'mx.crt'), 'key is no private key in PEM'],
    ['key and certificate the wrong way round', pair(one.cert, one.key), 'key is no private key in PEM'],
    ['one that is none in a list', pair([one.key, Buffer.from('mx.key')], [one.cert]), 'key is no private key in PEM'],
    ['a number', pair(one.key, 1), 'cert is no certificate in PEM'],
  ])('is told how files are read: %s', async (_, source, what) => {
    const fault = await certificates({ default: source }).catch((error: unknown) => error);
    const how = 'give the text, or fromFiles({ key, cert }) for names of files';
    expect(fault).toMatchObject({
      message: `the default certificate can't be used: ${what}: ${how}`,
      cause: { code: expect.stringMatching(/^ERR_/) },
    });
  });

  it.each([
    ['no key', pair(undefined, one.cert)],
    ['no certificate', pair(one.key, undefined)],
    ['nothing', undefined as unknown as typeof one],
  ])('is named: %s', async (_, source) => {
    await expect(certificates({ default: one, names: { 'mx.example': source } })).rejects.toThrow(
      "the certificate of mx.example can't be used: it has no key or no certificate",
    );
  });

  it('is not what is wrong with a key that fits no passphrase, or no certificate', async () => {
    const key = createPrivateKey(one.key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'secret',
    });
    for (const bad of [{ ...pair(key, one.cert), passphrase: 'guess' }, pair(other.key, one.cert)]) {
      await expect(certificates({ default: bad })).rejects.toThrow(/^the default certificate can't be used: error:/);
    }
  });
});

describe('an option that there is not', () => {
  it.each(['minversion', 'requestcert', 'CA'])('is refused: %s', async (name) => {
    const options = { default: one, [name]: 'TLSv1.3' };
    await expect(certificates(options)).rejects.toThrow(new TypeError(`certificates has no option ${name}`));
  });
});

describe('client certificates', () => {
  const mine = selfSigned('client.example');

  it('are not asked for by default', async () => {
    const { settings } = await certificates({ default: one });
    expect(settings()).toMatchObject({ requestCert: false, rejectUnauthorized: false });
    const strict = await certificates({ default: one, rejectUnauthorized: true });
    expect(strict.settings()).toMatchObject({ requestCert: true, rejectUnauthorized: true });
  });

  it.each([
    ['let a client without one on', {}, undefined],
    ['let a stranger on', selfSigned('stranger.example'), undefined],
    ['let a known client on', mine, undefined],
    ['turn a client without one away', {}, true],
    ['turn a stranger away', selfSigned('stranger.example'), true],
    ['let a known client on, when they must be shown', mine, true],
  ])('%s', async (_, shown, rejectUnauthorized = false) => {
    const certs = await certificates({
      default: one,
      names: { 'x.example': other },
      requestCert: true,
      rejectUnauthorized,
      ca: mine.cert,
    });
    await using at = await door(certs.settings);
    for (const servername of ['x.example', 'one.example.org']) {
      const shaken = at.shake({ servername, ...shown });
      if (rejectUnauthorized && shown !== mine) await expect(shaken).rejects.toThrow(/./);
      else expect(await shaken).toMatchObject({ protocol: 'TLSv1.3' });
    }
  });
});
