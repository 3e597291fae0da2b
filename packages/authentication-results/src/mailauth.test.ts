import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fakeDns } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { loadArc, loadDmarc, loadSpf, loadVerifier } from './mailauth.ts';

const { resolve: resolver } = fakeDns({
  'example.org': { TXT: ['v=spf1 mx -all'], MX: [{ exchange: 'mx.example.org', priority: 1 }] },
  'mx.example.org': { A: ['192.0.2.1'] },
  '_dmarc.example.org': { TXT: ['v=DMARC1; p=reject'] },
});

describe('mailauth', () => {
  it('is not loaded before it is asked for', async () => {
    const index = fileURLToPath(new URL('index.ts', import.meta.url));
    const program = `
      import { createRequire } from 'node:module';
      const { cache } = createRequire(process.cwd() + '/x.js');
      const loaded = () => Object.keys(cache).filter((file) => file.includes('mailauth')).length > 0;
      const { dns, iprev, authenticationResults } = await import(${JSON.stringify(index)});
      dns(); iprev(); authenticationResults();
      const before = loaded();
      await (await import(${JSON.stringify(index.replace('index.ts', 'mailauth.ts'))})).loadSpf();
      console.log(before, loaded());
    `;
    const args = ['--conditions=@maitred/source', '--no-warnings', '--input-type=module', '--eval', program];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(stdout.trim()).toBe('false true');
  });

  it('answers by each of its calls', async () => {
    const question = { sender: 'ann@example.org', ip: '192.0.2.1', helo: 'x.example', mta: 'mx.example', resolver };
    const spf = await (await loadSpf())({ ...question, strict: true, maxElapsedTime: 1_000 });
    expect(spf).toMatchObject({ domain: 'example.org', status: { result: 'pass' } });
    const Verifier = await loadVerifier();
    const verifier = new Verifier({ resolver, strict: true });
    await new Promise<void>((done) => void verifier.end(Buffer.from('From: ann@example.org\r\n\r\nx\r\n'), done));
    expect(verifier.headerFrom).toEqual(['ann@example.org']);
    const arc = await (await loadArc()).validate(verifier.arc, { resolver, strict: true });
    expect(arc).toMatchObject({ i: 0, status: { result: 'none' } });
    const { response } = await (
      await loadDmarc()
    )({
      headerFrom: verifier.headerFrom,
      fromFields: verifier.fromFields,
      spfDomains: [],
      dkimDomains: [],
      resolver,
      strict: true,
    });
    expect(response).toMatchObject({ policy: 'reject', status: { result: 'fail' } });
  });
});
