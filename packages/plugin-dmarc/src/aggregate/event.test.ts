import type { Recipient } from '@maitred/core';
import { describe, expect, it } from 'vitest';
import { dkimOf, spfOf } from '../../test/evidence.ts';
import type { Evaluation } from '../evaluate.ts';
import { evaluatedOf, type Happened } from './event.ts';

const to = (...domains: string[]): Recipient[] => domains.map((domain) => ({ path: { domain } }) as Recipient);

const evaluation: Evaluation = {
  result: 'fail',
  domain: 'www.bank.example',
  policy: 'reject',
  organizationalDomain: 'bank.example',
  aligned: {},
  stake: 'reject',
  applied: {
    domain: 'bank.example',
    p: 'reject',
    sp: 'reject',
    np: 'reject',
    adkim: 'r',
    aspf: 's',
    testing: false,
    milder: false,
    text: 'v=DMARC1; p=reject; rua=mailto:d@bank.example; fo=1',
  },
};

const happened: Happened = {
  message: {
    remote: { address: '192.0.2.1', port: 1 },
    sender: { domain: 'evil.example' } as Happened['message']['sender'],
    recipients: to('mx.example', 'mx.example'),
  },
  evaluation,
  decision: { action: 'reject', reasons: [] },
  spf: spfOf('softfail', 'evil.example'),
  dkim: [],
  at: 5,
};

describe('what an aggregate report counts', () => {
  it('is what was published, found and done', () => {
    expect(evaluatedOf(happened)).toEqual({
      at: 5,
      source: '192.0.2.1',
      published: {
        domain: 'bank.example',
        p: 'reject',
        sp: 'reject',
        np: 'reject',
        adkim: 'r',
        aspf: 's',
        testing: false,
        fo: '1',
        rua: ['mailto:d@bank.example'],
      },
      disposition: 'reject',
      aligned: { dkim: false, spf: false },
      reasons: [],
      headerFrom: 'www.bank.example',
      envelopeFrom: 'evil.example',
      envelopeTo: 'mx.example',
      dkim: [],
      spf: { domain: 'evil.example', result: 'softfail' },
    });
  });

  it.each([
    ['reject', 'pass'],
    ['quarantine', 'pass'],
    ['none', 'none'],
  ] as const)('calls what passed under %s %s', (policy, disposition) => {
    const passed: Evaluation = { ...evaluation, result: 'pass', policy, aligned: { dkim: 'bank.example' } };
    expect(evaluatedOf({ ...happened, evaluation: passed, decision: { action: 'none', reasons: [] } })).toMatchObject({
      disposition,
      aligned: { dkim: true, spf: false },
    });
  });

  it('tells the signatures that matter most first (RFC 9990 3.1.3)', () => {
    const dkim = [
      dkimOf('fail', 'www.bank.example'),
      dkimOf('pass', 'evilbank.example'),
      dkimOf('pass', 'bank.example'),
      dkimOf('pass', 'x.bank.example'),
      dkimOf('pass', 'www.bank.example', { comment: 'a comment' }),
    ];
    expect(evaluatedOf({ ...happened, dkim })?.dkim).toEqual([
      { domain: 'www.bank.example', selector: 's1', result: 'pass', comment: 'a comment' },
      { domain: 'bank.example', selector: 's1', result: 'pass' },
      { domain: 'x.bank.example', selector: 's1', result: 'pass' },
      { domain: 'evilbank.example', selector: 's1', result: 'pass' },
      { domain: 'www.bank.example', selector: 's1', result: 'fail' },
    ]);
  });

  it('says that an error was in the way', () => {
    const unclear: Evaluation = { ...evaluation, result: 'temperror', comment: 'SPF met a temporary error' };
    const decision = { action: 'none', reasons: [{ type: 'local_policy' }] } as const;
    expect(evaluatedOf({ ...happened, evaluation: unclear, decision })?.reasons).toEqual([
      { type: 'local_policy' },
      { type: 'other', comment: 'temporary error: SPF met a temporary error' },
    ]);
  });

  it('tells of recipients only a domain that all have', () => {
    const message = { ...happened.message, recipients: to('mx.example', 'other.example') };
    expect(evaluatedOf({ ...happened, message })).not.toHaveProperty('envelopeTo');
  });

  it.each([
    ['is deferred', { ...happened, decision: { action: 'defer', reasons: [] } }],
    ['has no policy', { ...happened, evaluation: { result: 'none', domain: 'a.example', aligned: {}, stake: 'none' } }],
  ] as const)('is nothing of a message that %s', (_, of) => {
    expect(evaluatedOf(of)).toBeUndefined();
  });
});
