import { setImmediate as nextTurn } from 'node:timers/promises';
import { Clock, type BodyContext, type Tap } from '@maitred/core';
import { loadKeys, loadVerifier } from '../mailauth.ts';
import { Dns } from '../tokens.ts';
import { Examined, type Wants } from './examination.ts';
import { KeyMemory } from './key-memory.ts';
import { limitsOf, type ExaminationLimits } from './limits.ts';
import { Pass } from './pass.ts';
import { boundedVerifier } from './verifier.ts';

/** How messages are examined. Of several plugins that make a pass possible, the first one's options count. */
export interface ExaminationOptions {
  readonly limits?: Partial<ExaminationLimits>;
  /**
   * What becomes of a header, or a field, over a limit: it is received, and what is not examined has no `pass`; or it is
   * refused, 552 5.3.4. Default: `unexamined`.
   */
  readonly overLimit?: 'unexamined' | 'refuse';
  /** RSA keys with fewer bits make no signature valid (RFC 8301 3.2). Default, and at least: 1024. */
  readonly minBitLength?: number;
}

/**
 * For a `body` hook to return: the tap of the one pass, or nothing where an earlier plugin's pass runs, which then does
 * what is wanted too. The plugin provides `Examined`, and requires `Dns` and `Clock`.
 */
export type Examiner = (ctx: BodyContext, wants: Wants) => Tap | undefined;

/** Loads what the pass needs: call it in `setup`. Throws RangeError, naming it, for an option that can't be. */
export async function examiner({
  limits = {},
  overLimit = 'unexamined',
  minBitLength = 1024,
}: ExaminationOptions = {}): Promise<Examiner> {
  const bounds = limitsOf(limits);
  if (!Number.isSafeInteger(minBitLength) || minBitLength < 1024) {
    throw new RangeError(`minBitLength is a whole number, at least 1024 (RFC 8301 3.2), not ${minBitLength}`);
  }
  if (overLimit !== 'unexamined' && overLimit !== 'refuse') {
    throw new RangeError(`overLimit is 'unexamined' or 'refuse', not ${String(overLimit)}`);
  }
  const [Base, calls] = await Promise.all([loadVerifier(), loadKeys()]);
  const Verifier = boundedVerifier(Base);
  const keys = new KeyMemory(calls);
  return (ctx, wants) => {
    const running = ctx.get(Examined);
    if (running) {
      running.want(wants);
      return undefined;
    }
    const pass = new Pass({
      limits: bounds,
      strict: overLimit === 'refuse',
      verifier: (all) =>
        new Verifier({
          resolver: ctx.inject(Dns).within(ctx.ended),
          keys,
          wants: all,
          limits: bounds,
          minBitLength,
          now: ctx.inject(Clock).now(),
        }),
      refuse: (reply) => ctx.refuse(reply),
      nextTurn,
    });
    pass.want(wants);
    ctx.set(Examined, pass);
    return pass.tap;
  };
}
