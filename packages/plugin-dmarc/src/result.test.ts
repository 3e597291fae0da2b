import { describe, expect, it } from 'vitest';
import type { Decision } from './decide.ts';
import type { Evaluation } from './evaluate.ts';
import { resultOf } from './result.ts';

const failed: Evaluation = {
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
    aspf: 'r',
    testing: false,
    milder: false,
    text: 'v=DMARC1; p=reject',
  },
};

const done = (action: Decision['action'], ...reasons: Decision['reasons']): Decision => ({ action, reasons });

describe('DmarcResult', () => {
  it('is what was found, and what is asked of who keeps the message', () => {
    expect(resultOf(failed, done('reject'))).toEqual({
      result: 'fail',
      domain: 'www.bank.example',
      policy: 'reject',
      disposition: 'reject',
      policyDomain: 'bank.example',
      organizationalDomain: 'bank.example',
      aligned: {},
      resinfo: [
        {
          method: 'dmarc',
          result: 'fail',
          properties: [
            { ptype: 'header', property: 'from', value: 'www.bank.example' },
            { ptype: 'policy', property: 'dmarc', value: 'reject' },
          ],
        },
      ],
    });
  });

  it.each([
    ['none', 'none'],
    ['quarantine', 'quarantine'],
    ['reject', 'reject'],
    ['defer', 'none'],
    ['ambiguous', 'none'],
  ] as const)('of a message to %s asks for %s', (action, disposition) => {
    expect(resultOf(failed, done(action)).disposition).toBe(disposition);
  });

  it('says in the header why a policy was overridden, in bounds', () => {
    const reasons = [{ type: 'policy_test_mode' }, { type: 'mailing_list', comment: 'x'.repeat(10_000) }] as const;
    const [info] = resultOf(failed, done('none', ...reasons)).resinfo;
    expect(info?.reason).toMatch(/^policy_test_mode, mailing_list: x+\.\.\.$/);
    expect(info?.reason).toHaveLength(255);
  });

  it('tells no policy that nobody evaluated, and no author that nobody is', () => {
    const unclear: Evaluation = { ...failed, result: 'temperror', comment: 'no answer' };
    expect(resultOf(unclear, done('defer')).resinfo).toEqual([
      {
        method: 'dmarc',
        result: 'temperror',
        comment: 'no answer',
        properties: [{ ptype: 'header', property: 'from', value: 'www.bank.example' }],
      },
    ]);
    const nobody: Evaluation = { result: 'none', domain: '', aligned: {}, stake: 'none' };
    expect(resultOf(nobody, done('none')).resinfo).toEqual([{ method: 'dmarc', result: 'none', properties: [] }]);
  });
});
