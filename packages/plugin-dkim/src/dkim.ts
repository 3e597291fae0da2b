import { Clock, definePlugin, key, type Key, type Message, type Plugin, type Transaction } from '@maitred/core';
import {
  DkimResults,
  Dns,
  Examined,
  examiner,
  unlessGone,
  type Dkim,
  type ExaminationOptions,
  type Examiner,
} from '@maitred/authentication-results';
import { dkimOf, unexaminedOf } from './result.ts';

/** How signatures are verified. */
export interface DkimOptions extends ExaminationOptions {
  /** Whether a message's signatures are looked at. Default: always. */
  readonly when?: (transaction: Transaction) => boolean;
  /** Milliseconds by which a signer's clock may be ahead of ours, before `t=` lies in the future. Default: 300,000. */
  readonly skew?: number;
}

/** Private: this message's signatures are being looked at. */
const Wanted: Key<true, 'transaction'> = key('dkim wanted', 'transaction');

/**
 * DKIM (RFC 6376, 8301, 8463): verifies the signatures of every message while it is received, and sets `DkimResults` in
 * `message`. It refuses no message for what its signatures are worth, and what is over a limit has no pass.
 *
 * Throws RangeError for a `skew` that is no number of milliseconds.
 */
export function dkim({ when = () => true, skew = 300_000, ...options }: DkimOptions = {}): Plugin {
  if (!(skew >= 0)) throw new RangeError(`skew is a number of milliseconds, not ${skew}`);
  let examine: Examiner | undefined;

  async function verify(message: Message): Promise<readonly Dkim[]> {
    const { signatures, unexamined, overLimit } = await message.need(Examined).findings();
    const circumstances = { now: message.inject(Clock).now(), skew };
    const results = signatures.map((one) => dkimOf(one, circumstances));
    return unexamined > 0 ? [...results, unexaminedOf(unexamined, signatures.length, overLimit)] : results;
  }

  return definePlugin({
    name: 'dkim',
    requires: [Dns, Clock],
    provides: [Examined, Wanted, DkimResults],
    setup: async () => {
      examine = await examiner(options);
    },
    stages: {
      body: (ctx) => {
        if (!examine || !when(ctx)) return undefined;
        ctx.set(Wanted, true);
        return examine(ctx, { signatures: true });
      },
      message: {
        when: (message) => message.get(Wanted) === true,
        handle: async (message, next) => {
          message.set(DkimResults, await unlessGone(message, verify(message)));
          return next();
        },
      },
    },
  });
}
