import { describe, expect, it } from 'vitest';
import { chainOf } from '../test/evidence.ts';
import { decide, sealedPass, type Grounds, type Override } from './decide.ts';
import type { Evaluation } from './evaluate.ts';

const failed: Evaluation = { result: 'fail', domain: 'bank.example', policy: 'reject', aligned: {}, stake: 'reject' };
const enforce: Grounds = { enforced: true, refuseAmbiguous: true, arc: undefined, override: () => undefined };

const by = (override: Override | undefined): Grounds => ({ ...enforce, override: () => Promise.resolve(override) });

const override = (): never => {
  throw new Error('nobody asked');
};

describe('a decision', () => {
  it.each([
    ['fail', 'reject', 'reject'],
    ['fail', 'quarantine', 'quarantine'],
    ['fail', 'none', 'none'],
    ['temperror', 'reject', 'defer'],
    ['temperror', 'quarantine', 'defer'],
    ['temperror', 'none', 'none'],
    ['pass', 'reject', 'none'],
    ['none', 'none', 'none'],
    ['permerror', 'none', 'ambiguous'],
  ] as const)('of %s where %s is at stake is %s', async (result, stake, action) => {
    expect(await decide({ ...failed, result, stake }, enforce)).toEqual({ action, reasons: [] });
  });

  it('refuses nothing in report mode, and says why', async () => {
    const report: Grounds = { ...enforce, enforced: false };
    expect(await decide(failed, report)).toEqual({
      action: 'none',
      reasons: [{ type: 'local_policy', comment: 'policies are not enforced here' }],
    });
    expect(await decide({ ...failed, result: 'temperror' }, report)).toMatchObject({ action: 'none' });
    expect(await decide({ ...failed, result: 'permerror' }, report)).toEqual({ action: 'none', reasons: [] });
  });

  it('lets an author pass that is several, if it is told to', async () => {
    const lenient = { ...enforce, refuseAmbiguous: false };
    expect(await decide({ ...failed, result: 'permerror' }, lenient)).toEqual({ action: 'none', reasons: [] });
  });

  it('tells that testing made the policy milder', async () => {
    const applied = { domain: 'bank.example', p: 'reject', sp: 'reject', np: 'reject', adkim: 'r', aspf: 'r' } as const;
    const testing = {
      ...failed,
      stake: 'quarantine',
      applied: { ...applied, testing: true, milder: true, text: '' },
    } as const;
    expect(await decide(testing, enforce)).toEqual({ action: 'quarantine', reasons: [{ type: 'policy_test_mode' }] });
  });
});

describe('an override', () => {
  it('is done instead of the policy', async () => {
    const list: Override = { type: 'mailing_list', comment: 'ours' };
    expect(await decide(failed, by(list))).toEqual({ action: 'none', reasons: [list] });
    expect(await decide({ ...failed, result: 'temperror' }, by(list))).toEqual({ action: 'none', reasons: [list] });
    expect(await decide(failed, by({ type: 'other', disposition: 'quarantine' }))).toEqual({
      action: 'quarantine',
      reasons: [{ type: 'other' }],
    });
    expect(await decide(failed, by(undefined))).toMatchObject({ action: 'reject' });
  });

  it('is asked for only where it matters', async () => {
    for (const evaluation of [
      { ...failed, stake: 'none' },
      { ...failed, result: 'pass' },
      { ...failed, result: 'permerror' },
    ] as const) {
      expect(await decide(evaluation, { ...enforce, override })).toBeDefined();
    }
    await expect(decide(failed, { ...enforce, override })).rejects.toThrow('nobody asked');
  });
});

describe('a sealed chain', () => {
  it.each([
    ['a listed sealer saw it pass', chainOf([['list.example', 'pass', 'bank.example']], 1), true],
    ['nobody listed saw it pass', chainOf([['list.example', 'pass', 'bank.example']], 2), false],
    ['a listed sealer saw it fail', chainOf([['list.example', 'fail', 'bank.example']], 1), false],
    ["a listed sealer saw another's pass", chainOf([['list.example', 'pass', 'evil.example']], 1), false],
    ['it has a name like it', chainOf([['list.example', 'pass', 'bank.example.evil.example']], 1), false],
    ['a listed sealer wrote the address', chainOf([['list.example', 'pass', 'ceo@Bank.example.']], 1), true],
    [
      'the first of two listed ones did',
      chainOf(
        [
          ['list.example', 'pass', 'bank.example'],
          ['forward.example', 'fail', 'bank.example'],
        ],
        1,
      ),
      true,
    ],
    [
      'only a stranger before a listed one did',
      chainOf(
        [
          ['evil.example', 'pass', 'bank.example'],
          ['list.example', 'fail', 'bank.example'],
        ],
        2,
      ),
      false,
    ],
    [
      'only a stranger behind a listed one did',
      chainOf(
        [
          ['list.example', 'fail', 'bank.example'],
          ['evil.example', 'pass', 'bank.example'],
        ],
        3,
      ),
      false,
    ],
    ['there is none', undefined, false],
    ['it is broken', { ...chainOf([['list.example', 'pass', 'bank.example']], 1), result: 'fail' as const }, false],
  ])('overrides if %s: %o, %s', async (_, arc, overrides) => {
    const { action } = await decide(failed, { ...enforce, arc });
    expect(action).toBe(overrides ? 'none' : 'reject');
  });

  it('is told to the owner of the domain, newest seal first (RFC 8617 7.2.1)', () => {
    const arc = chainOf(
      [
        ['list.example', 'pass', 'bank.example'],
        ['forward.example', 'fail', 'bank.example'],
      ],
      1,
    );
    expect(sealedPass('bank.example', arc)).toBe(
      'arc=pass as[2].d=forward.example as[2].s=seal as[1].d=list.example as[1].s=seal',
    );
    expect(sealedPass('', arc)).toBeUndefined();
  });

  it('says more than what could not be checked, and less than nothing at stake', async () => {
    const arc = chainOf([['list.example', 'pass', 'bank.example']], 1);
    expect(await decide({ ...failed, result: 'temperror' }, { ...enforce, arc })).toMatchObject({ action: 'none' });
    expect(await decide({ ...failed, stake: 'none' }, { ...enforce, arc })).toEqual({ action: 'none', reasons: [] });
  });
});
