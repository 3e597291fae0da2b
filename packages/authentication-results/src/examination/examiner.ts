import type { BodyContext, Tap } from '@maitred/core';
import type { Wants } from './examination.ts';
import type { ExaminationLimits } from './limits.ts';

/** How messages are examined. Of several plugins that make a pass possible, the first one's options count. */
export interface ExaminationOptions {
  readonly limits?: Partial<ExaminationLimits>;
  /** RSA keys with fewer bits make no signature valid (RFC 8301 3.2). Default, and at least: 1024. */
  readonly minBitLength?: number;
}

/**
 * For a `body` hook to return: the tap of the one pass, or nothing where an earlier plugin's pass runs, which then does
 * what is wanted too. The plugin provides `Examined`, and requires `Dns` and `Clock`.
 */
export type Examiner = (ctx: BodyContext, wants: Wants) => Tap | undefined;

/** Loads what the pass needs: call it in `setup`. Throws RangeError for limits that are no positive numbers. */
export function examiner(options: ExaminationOptions = {}): Promise<Examiner> {
  return Promise.reject(new Error(`not yet: ${JSON.stringify(options)}`));
}
