import type { Dkim, Spf, SpfWord } from '@maitred/authentication-results';
import { loadDmarc } from '@maitred/authentication-results/mailauth';
import { fc } from '@fast-check/vitest';
import { fakeDns, type FakeDns, type Zone } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { dkimOf, spfOf } from '../test/evidence.ts';
import { evaluate, type Evaluation, type Evidence } from './evaluate.ts';

const call = await loadDmarc();

/** What is found of a mail from `author`, where `records` are published at `_dmarc` of their names. */
async function found(
  author: string | readonly string[],
  records: Readonly<Record<string, string>>,
  evidence: Partial<Evidence> = {},
  more: Zone = {},
): Promise<Evaluation & { readonly dns: FakeDns }> {
  const published = Object.entries(records).map(([name, record]) => [`_dmarc.${name}`, { TXT: [record] }]);
  const dns = fakeDns({ ...Object.fromEntries(published), ...more } as Zone);
  const headerFrom = typeof author === 'string' ? [`ceo@${author}`] : author;
  const evaluation = await evaluate(call, {
    headerFrom,
    fromFields: 1,
    spf: spfOf('none', ''),
    dkim: [],
    resolver: dns.resolve,
    ...evidence,
  });
  return { ...evaluation, dns };
}

const signed = (domain: string): { dkim: Dkim[] } => ({ dkim: [dkimOf('pass', domain)] });
const sent = (domain: string): { spf: Spf } => ({ spf: spfOf('pass', domain) });

describe('alignment (RFC 9989 4.4)', () => {
  const bank = 'v=DMARC1; p=reject';
  it.each([
    ['relaxed', bank, 'bank.example', 'bank.example', 'pass'],
    ['relaxed', bank, 'bank.example', 'mail.bank.example', 'pass'],
    ['relaxed', bank, 'www.bank.example', 'bank.example', 'pass'],
    ['relaxed', bank, 'www.bank.example', 'a.b.bank.example', 'pass'],
    ['relaxed', bank, 'BANK.Example', 'bank.example', 'pass'],
    ['relaxed', bank, 'bank.example', 'evilbank.example', 'fail'],
    ['relaxed', bank, 'bank.example', 'bank.example.evil.example', 'fail'],
    ['relaxed', bank, 'bank.example', 'example', 'fail'],
    ['strict', `${bank}; adkim=s; aspf=s`, 'bank.example', 'bank.example', 'pass'],
    ['strict', `${bank}; adkim=s; aspf=s`, 'bank.example', 'mail.bank.example', 'fail'],
    ['strict', `${bank}; adkim=S; aspf=S`, 'www.bank.example', 'bank.example', 'fail'],
    ['strict', `${bank}; adkim=s; aspf=s`, 'www.bank.example', 'www.bank.example', 'pass'],
  ])('%s, %j: %s authenticated by %s is %s%s', async (_, record, author, domain, result) => {
    const records = { 'bank.example': record };
    expect(await found(author, records, signed(domain))).toMatchObject({ result });
    expect(await found(author, records, sent(domain))).toMatchObject({ result });
  });

  it('has a mode for each of both', async () => {
    const records = { 'bank.example': 'v=DMARC1; p=reject; adkim=s' };
    expect(await found('bank.example', records, signed('m.bank.example'))).toMatchObject({
      result: 'fail',
      aligned: {},
    });
    const bySpf = await found('bank.example', records, sent('m.bank.example'));
    expect(bySpf).toMatchObject({
      result: 'pass',
      aligned: { spf: 'm.bank.example' },
      applied: { adkim: 's', aspf: 'r' },
    });
  });

  it('counts signatures that count, and no others', async () => {
    const partly = [dkimOf('pass', 'bank.example', { counts: false, uncovered: 5 })];
    expect(await found('bank.example', { 'bank.example': bank }, { dkim: partly })).toMatchObject({ result: 'fail' });
    const both = [...partly, dkimOf('fail', 'bank.example'), dkimOf('pass', 'x.bank.example')];
    expect(await found('bank.example', { 'bank.example': bank }, { dkim: both })).toMatchObject({
      result: 'pass',
      aligned: { dkim: 'x.bank.example' },
    });
  });

  it.each<SpfWord>(['none', 'neutral', 'softfail', 'fail', 'permerror', 'policy'])(
    'counts no SPF that is %s',
    async (word) => {
      const evidence = { spf: spfOf(word, 'bank.example') };
      expect(await found('bank.example', { 'bank.example': bank }, evidence)).toMatchObject({ result: 'fail' });
    },
  );

  it('is of one owner only: a record between two domains that says psd=n parts them', async () => {
    const records = { 'bank.example': bank, 'branch.bank.example': 'v=DMARC1; p=none; psd=n' };
    expect(await found('bank.example', records, signed('branch.bank.example'))).toMatchObject({ result: 'fail' });
    expect(await found('a.branch.bank.example', records, signed('b.branch.bank.example'))).toMatchObject({
      result: 'pass',
      organizationalDomain: 'branch.bank.example',
    });
  });
});

describe('policy discovery (RFC 9989 4.10.1)', () => {
  const record = 'v=DMARC1; p=reject; sp=quarantine; np=none';
  const exists: Zone = {
    'www.bank.example': { A: ['192.0.2.1'] },
    'mail.bank.example': { MX: [{ exchange: 'x', priority: 1 }] },
  };

  it.each([
    ['p for the domain itself', 'bank.example', record, 'reject'],
    ['sp for a subdomain that exists', 'www.bank.example', record, 'quarantine'],
    ['sp for one without addresses', 'mail.bank.example', record, 'quarantine'],
    ['np for one that does not exist', 'ghost.bank.example', record, 'none'],
    ['p where there is no sp', 'www.bank.example', 'v=DMARC1; p=quarantine', 'quarantine'],
    ['sp where there is no np', 'ghost.bank.example', 'v=DMARC1; p=reject; sp=none', 'none'],
    ['np before p', 'ghost.bank.example', 'v=DMARC1; p=none; np=reject', 'reject'],
    ['t=y, a step milder than reject', 'bank.example', 'v=DMARC1; p=reject; t=y', 'quarantine'],
    ['t=y, a step milder than quarantine', 'bank.example', 'v=DMARC1; p=quarantine; t=y', 'none'],
    ['t=y, of sp too', 'www.bank.example', `${record}; t=y`, 'none'],
    ['t=n, no step', 'bank.example', 'v=DMARC1; p=reject; t=n', 'reject'],
    ['no pct (RFC 7489)', 'bank.example', 'v=DMARC1; p=reject; pct=0', 'reject'],
  ])('applies %s', async (_, author, published, policy) => {
    expect(await found(author, { 'bank.example': published }, {}, exists)).toMatchObject({
      result: 'fail',
      policy,
      stake: policy,
      applied: { domain: 'bank.example' },
    });
  });

  it("prefers the author's own record", async () => {
    const records = { 'bank.example': 'v=DMARC1; p=reject', 'www.bank.example': 'v=DMARC1; p=none' };
    expect(await found('www.bank.example', records)).toMatchObject({
      policy: 'none',
      applied: { domain: 'www.bank.example' },
    });
  });

  it.each([
    ['psd=y: its own policy for its domains without one', 'shop.example', 'reject', 'shop.example'],
    ['psd=y: sp', 'www.shop.example', 'reject', 'shop.example'],
  ])('knows %s', async (_, author, policy, organizationalDomain) => {
    const records = { example: 'v=DMARC1; p=none; sp=reject; psd=y' };
    expect(await found(author, records)).toMatchObject({
      policy,
      organizationalDomain,
      applied: { domain: 'example' },
    });
  });

  it('aligns no two domains below one public suffix', async () => {
    const records = { example: 'v=DMARC1; p=reject; psd=y' };
    expect(await found('shop.example', records, signed('bank.example'))).toMatchObject({ result: 'fail' });
    expect(await found('a.shop.example', records, signed('shop.example'))).toMatchObject({ result: 'pass' });
  });

  it('walks the tree in eight questions at most, and skips names between', async () => {
    const author = 'a.b.c.d.e.f.g.h.i.j.bank.example';
    const { dns } = await found(author, {});
    const asked = dns.questions.filter(({ type }) => type === 'TXT').map(({ name }) => name);
    expect(asked).toEqual([
      `_dmarc.${author}`,
      '_dmarc.f.g.h.i.j.bank.example',
      '_dmarc.g.h.i.j.bank.example',
      '_dmarc.h.i.j.bank.example',
      '_dmarc.i.j.bank.example',
      '_dmarc.j.bank.example',
      '_dmarc.bank.example',
      '_dmarc.example',
    ]);
    const skipped = await found(author, { 'c.d.e.f.g.h.i.j.bank.example': 'v=DMARC1; p=reject' });
    expect(skipped).toMatchObject({ result: 'none' });
    const seventh = await found(author, { 'f.g.h.i.j.bank.example': 'v=DMARC1; p=reject' });
    expect(seventh).toMatchObject({ result: 'fail', policy: 'reject' });
  });

  it('asks of an author with 112 labels no more', async () => {
    const { dns, result } = await found(`${'a.'.repeat(110)}bank.example`, {});
    expect(result).toBe('none');
    expect(dns.questions).toHaveLength(8);
  });
});

describe('records with errors', () => {
  it.each([
    ['of no version', 'p=reject'],
    ['of another version', 'v=DMARC2; p=reject'],
    ['whose version is not first', 'p=reject; v=DMARC1'],
    ['in another case', 'v=dmarc1; p=reject'],
    ['with a tag twice', 'v=DMARC1; p=reject; p=none'],
    ['without a policy or an address', 'v=DMARC1'],
    ['of an unknown policy', 'v=DMARC1; p=refuse'],
    ['with an unknown sp', 'v=DMARC1; p=reject; sp=refuse'],
    ['empty', ''],
    ['of nothing but separators', ';;;;;;'],
  ])('are none: %s', async (_, record) => {
    expect(await found('bank.example', { 'bank.example': record })).toMatchObject({ result: 'none', stake: 'none' });
  });

  it('ask for nothing but reports where their policy is unknown', async () => {
    const record = 'v=DMARC1; p=refuse; rua=mailto:dmarc@bank.example';
    expect(await found('bank.example', { 'bank.example': record })).toMatchObject({ result: 'fail', policy: 'none' });
  });

  it('are none where there are several', async () => {
    const several: Zone = { '_dmarc.bank.example': { TXT: ['v=DMARC1; p=reject', 'v=DMARC1; p=none'] } };
    expect(await found('bank.example', {}, {}, several)).toMatchObject({ result: 'none' });
  });

  it('are told from what else is there, and read in pieces', async () => {
    const among: Zone = { '_dmarc.bank.example': { TXT: ['v=spf1 -all', ['v=DMA', 'RC1; p=rej', 'ect'], 'hello'] } };
    expect(await found('bank.example', {}, {}, among)).toMatchObject({ policy: 'reject' });
  });

  it.each([
    ['tags nobody knows', `v=DMARC1; p=reject; ${Array.from({ length: 8000 }, (_, n) => `x${n}=${n}`).join('; ')}`],
    ['one value', `v=DMARC1; p=reject; x=${'y'.repeat(64_000)}`],
    ['spaces', `v=DMARC1;${' '.repeat(64_000)}p=reject`],
    ['reporting addresses', `v=DMARC1; p=reject; rua=${'mailto:a@b.example,'.repeat(3000)}`],
  ])('may be absurdly long: 64 KB of %s', async (_, record) => {
    expect(await found('bank.example', { 'bank.example': record })).toMatchObject({ result: 'fail', policy: 'reject' });
  });

  it('of any text are judged', async () => {
    const tag = fc.constantFrom(
      'p=reject',
      'p=',
      'sp=none',
      'np=x',
      't=y',
      'psd=y',
      'psd=n',
      'adkim=s',
      '=',
      'v=DMARC1',
      'rua=mailto:a@b',
    );
    const record = fc.array(fc.oneof(tag, fc.string()), { maxLength: 8 }).map((tags) => `v=DMARC1;${tags.join(';')}`);
    await fc.assert(
      fc.asyncProperty(record, async (record) => {
        const { result } = await found('www.bank.example', { 'bank.example': record, example: record });
        expect(['none', 'fail']).toContain(result);
      }),
    );
  });
});

describe('the author (RFC 9989 5.3.1)', () => {
  const records = { 'bank.example': 'v=DMARC1; p=reject', 'evil.example': 'v=DMARC1; p=none' };
  it.each([
    ['several domains', ['a@bank.example', 'b@evil.example'], 'permerror', '2 domains in From'],
    ['two domains in one address', ['a@bank.example@evil.example'], 'permerror', '2 domains in From'],
    ['an address without a domain', ['a@bank.example', 'b@'], 'permerror', 'an address in From that can not be read'],
    ['no address', [], 'none', 'no domain in From'],
    ['an empty one', ['<>'], 'none', 'no domain in From'],
  ])('of %s is nobody', async (_, headerFrom, result, comment) => {
    const evaluation = await found(headerFrom, records, signed('evil.example'));
    expect(evaluation).toMatchObject({ result, comment, domain: '', stake: 'none' });
    expect(evaluation.dns.questions).toEqual([]);
  });

  it('is nobody where there are several From fields, even of one domain', async () => {
    const evidence = { ...signed('bank.example'), fromFields: 2 };
    expect(await found(['a@bank.example', 'a@bank.example'], records, evidence)).toMatchObject({
      result: 'permerror',
      comment: 'several From fields',
    });
  });

  it('may be several of one domain', async () => {
    const headerFrom = ['a@bank.example', 'b@BANK.example', 'c@bank.example.'];
    expect(await found(headerFrom, records, signed('bank.example'))).toMatchObject({
      result: 'pass',
      domain: 'bank.example',
    });
  });

  it('is compared in A-labels', async () => {
    const record = { 'xn--bcher-kva.example': 'v=DMARC1; p=reject' };
    expect(await found('bücher.example', record, signed('xn--bcher-kva.example'))).toMatchObject({
      result: 'pass',
      domain: 'xn--bcher-kva.example',
    });
  });

  it.each(['[192.0.2.1]', '[IPv6:2001:db8::1]', 'localhost'])('at %s has no policy', async (domain) => {
    expect(await found(domain, records)).toMatchObject({ result: 'none' });
  });
});

describe('a temporary error', () => {
  const records = { 'bank.example': 'v=DMARC1; p=reject' };

  it.each([
    ['of SPF', { spf: spfOf('temperror', 'bank.example') }, 'SPF met a temporary error'],
    ['of a key', { dkim: [dkimOf('temperror', 'bank.example')] }, 'DKIM met a temporary error'],
    [
      'of one key among others',
      { dkim: [dkimOf('fail', 'bank.example'), dkimOf('temperror', 'bank.example'), dkimOf('pass', 'evil.example')] },
      'DKIM met a temporary error',
    ],
    ['that is nobody having looked', { spf: undefined, dkim: undefined }, 'neither SPF nor DKIM was checked'],
  ])('%s is no failure', async (_, evidence, comment) => {
    expect(await found('bank.example', records, evidence)).toMatchObject({
      result: 'temperror',
      stake: 'reject',
      comment,
    });
  });

  it('changes nothing where something else aligned', async () => {
    const evidence = { spf: spfOf('temperror', 'bank.example'), ...signed('bank.example') };
    expect(await found('bank.example', records, evidence)).toMatchObject({ result: 'pass' });
  });

  it('has nothing at stake where nothing is asked', async () => {
    const evidence = { spf: spfOf('temperror', 'bank.example') };
    expect(await found('bank.example', { 'bank.example': 'v=DMARC1; p=none' }, evidence)).toMatchObject({
      stake: 'none',
    });
  });

  it.each(['timeout', 'servfail', 'refused', 'garbage'] as const)(
    'of the policy, %s, has everything at stake',
    async (trouble) => {
      const zone: Zone = { '_dmarc.bank.example': trouble };
      expect(await found('bank.example', {}, signed('evil.example'), zone)).toMatchObject({
        result: 'temperror',
        stake: 'reject',
      });
      expect(await found('www.bank.example', {}, {}, zone)).toMatchObject({ result: 'temperror', stake: 'reject' });
    },
  );

  it('of the policy has nothing at stake for what the author signed', async () => {
    const zone: Zone = { '_dmarc.bank.example': 'timeout' };
    for (const evidence of [signed('bank.example'), sent('bank.example')]) {
      expect(await found('bank.example', {}, evidence, zone)).toMatchObject({ result: 'temperror', stake: 'none' });
    }
    expect(await found('bank.example', {}, signed('mail.bank.example'), zone)).toMatchObject({ stake: 'reject' });
  });

  it('above a record of the author does not matter to it', async () => {
    const zone: Zone = { '_dmarc.example': 'timeout' };
    expect(await found('bank.example', records, {}, zone)).toMatchObject({ result: 'fail', policy: 'reject' });
    expect(await found('bank.example', records, signed('bank.example'), zone)).toMatchObject({ result: 'pass' });
    expect(await found('bank.example', records, signed('mail.bank.example'), zone)).toMatchObject({
      result: 'temperror',
    });
  });

  it.each([
    ['sp=none; np=reject', 'reject'],
    ['sp=reject; np=none', 'reject'],
    ['sp=none; np=reject; t=y', 'quarantine'],
    ['sp=none; np=quarantine; t=y', 'none'],
  ])('of whether a subdomain exists has the worse of both at stake: %s', async (tags, stake) => {
    const record = { 'bank.example': `v=DMARC1; p=reject; ${tags}` };
    const zone: Zone = { 'www.bank.example': { A: 'timeout' } };
    expect(await found('www.bank.example', record, {}, zone)).toMatchObject({ result: 'temperror', stake });
  });
});

describe('testing (t=y)', () => {
  it.each([
    ['p=reject', 'bank.example', true],
    ['p=quarantine', 'bank.example', true],
    ['p=none', 'bank.example', false],
    ['p=none; sp=reject', 'www.bank.example', true],
    ['p=reject; sp=none', 'www.bank.example', false],
  ])('makes a difference: %s to %s, %s', async (policy, author, milder) => {
    const record = { 'bank.example': `v=DMARC1; ${policy}; t=y` };
    expect(await found(author, record)).toMatchObject({ applied: { testing: true, milder } });
  });
});
