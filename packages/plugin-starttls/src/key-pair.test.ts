import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '@maitred/testing';
import { expect, it, onTestFinished } from 'vitest';
import { certificates } from './certificates.ts';
import { fromFiles } from './key-pair.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'maitred-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

it('reads files at every load', async () => {
  const at = await folder();
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(at, name)) as [string, string];
  const write = (pair: { key: string; cert: string }): Promise<unknown> =>
    Promise.all([writeFile(key, pair.key), writeFile(cert, pair.cert)]);
  const [before, after] = [selfSigned('mx.example'), selfSigned('mx.example')];
  await write(before);
  const read = fromFiles({ key, cert });
  expect(String((await read()).cert)).toBe(before.cert);
  await write(after);
  expect(String((await read()).cert)).toBe(after.cert);
});

it('reads lists of files', async () => {
  const at = await folder();
  const paths = ['a', 'b'].map((name) => join(at, name));
  for (const path of paths) await writeFile(path, path);
  const pair = await fromFiles({ key: paths, cert: paths, passphrase: 'secret' })();
  expect(pair).toEqual({
    key: paths.map((path) => Buffer.from(path)),
    cert: paths.map((path) => Buffer.from(path)),
    passphrase: 'secret',
  });
});

it('names the file that is not there', async () => {
  const source = fromFiles({ key: join(await folder(), 'none.pem'), cert: 'none.pem' });
  await expect(certificates({ default: source })).rejects.toThrow(/the default certificate can't be used: .*none\.pem/);
});

it('quotes no key that was given for the name of a file', async () => {
  const { key, cert } = selfSigned('mx.example');
  await expect(fromFiles({ key, cert })()).rejects.toThrow(/^fromFiles takes names of files, not PEM$/);
});
